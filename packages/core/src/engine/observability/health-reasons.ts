/* What is wrong with an engine, from what was measured of it. Pure: no time is asked for, nothing is read. */
import { PerfectError } from '../../errors/perfect-error.ts'
import type { ClockJump } from './clock-watch.ts'
import type { EventLoopLag } from './event-loop-lag.ts'
import type { StorageOutage } from './storage-watch.ts'

/** Every reason why an engine is not well. */
export const HEALTH_CODES = [
  'STORAGE_UNREACHABLE',
  'STORAGE_SLOW',
  'DISK_FULL',
  'LEASE_NOT_RENEWED',
  'EVENT_LOOP_SLOW',
  'QUEUE_STALLED',
  'CLOCK_JUMPED',
] as const
/** Why an engine is not well. */
export type HealthCode = (typeof HEALTH_CODES)[number]

/** Every way an engine is doing. */
export const HEALTH_STATUSES = ['ok', 'degraded', 'failing'] as const
/** `degraded`: works, but somebody should look; `failing`: runs cannot be started or recorded, or may be taken over. */
export type HealthStatus = (typeof HEALTH_STATUSES)[number]

/** When an engine counts as unwell. */
export interface HealthLimits {
  /** Lag of the event loop, p99. Unit: ms. Range: > 0. Default: 250. */
  readonly eventLoopLagMs?: number
  /** Age of the oldest run that waits while no slot is free. Unit: ms. Range: > 0. Default: 60,000. */
  readonly queueAgeMs?: number
  /** Time that the storage takes to answer. Unit: ms. Range: > 0. Default: 1000. */
  readonly storageMs?: number
}

/** What was measured of an engine. */
export interface Vitals {
  readonly outage: StorageOutage | null
  /** null: it did not answer. Unit: ms. */
  readonly storageRoundTripMs: number | null
  /** Since its last renewal. Unit: ms. */
  readonly leaseAgeMs: number | null
  readonly leaseMs: number
  readonly lag: EventLoopLag | null
  readonly freeSlots: number
  /** Unit: ms. */
  readonly oldestQueuedMs: number | null
  readonly clockJump: ClockJump | null
}

/** One thing that is wrong. */
export interface Finding {
  readonly code: HealthCode
  readonly message: string
  readonly status: Exclude<HealthStatus, 'ok'>
  /** How long ago it began, when that is known. Unit: ms. */
  readonly ageMs?: number
}

const SQLITE_FULL = 13
const DEFAULT_LIMITS: Required<HealthLimits> = { eventLoopLagMs: 250, queueAgeMs: 60_000, storageMs: 1000 }

/** All that is wrong, the worst first. */
export function findReasons(vitals: Vitals, given: HealthLimits = {}): readonly Finding[] {
  const limits = { ...DEFAULT_LIMITS, ...given }
  const found = [
    storageReason(vitals, limits),
    leaseReason(vitals),
    lagReason(vitals, limits),
    queueReason(vitals, limits),
    clockReason(vitals),
  ].filter((finding) => finding !== null)
  return found.toSorted((a, b) => Number(b.status === 'failing') - Number(a.status === 'failing'))
}

/** How bad all of it is together. */
export function overallStatus(findings: readonly Finding[]): HealthStatus {
  if (findings.some(({ status }) => status === 'failing')) return 'failing'
  return findings.length > 0 ? 'degraded' : 'ok'
}

function storageReason({ outage, storageRoundTripMs }: Vitals, { storageMs }: Required<HealthLimits>): Finding | null {
  if (outage && isDiskFull(outage.error))
    return { code: 'DISK_FULL', status: 'failing', message: 'The disk of the storage is full. Make space.' }
  if (outage || storageRoundTripMs === null)
    return {
      code: 'STORAGE_UNREACHABLE',
      status: 'failing',
      message: `The storage does not answer${outage ? `: ${messageOf(outage.error)}` : '.'}`,
    }
  if (storageRoundTripMs <= storageMs) return null
  const message = `The storage took ${text(storageRoundTripMs)} ms to answer, more than ${text(storageMs)} ms.`
  return { code: 'STORAGE_SLOW', status: 'degraded', message }
}

function leaseReason({ leaseAgeMs, leaseMs }: Vitals): Finding | null {
  // Renewed three times per lease: two that failed are no accident.
  if (leaseAgeMs === null || leaseAgeMs <= (leaseMs * 2) / 3) return null
  const isOver = leaseAgeMs > leaseMs
  const rest = isOver ? 'It is over: other engines may take the runs of this one.' : 'It is not over yet.'
  return {
    code: 'LEASE_NOT_RENEWED',
    status: isOver ? 'failing' : 'degraded',
    message: `The lease of the engine was not renewed for ${text(leaseAgeMs)} ms. ${rest}`,
    ageMs: leaseAgeMs,
  }
}

function lagReason({ lag }: Vitals, { eventLoopLagMs }: Required<HealthLimits>): Finding | null {
  if (lag === null || lag.p99Ms <= eventLoopLagMs) return null
  const message = `The event loop is late by ${text(lag.p99Ms)} ms (p99), more than ${text(eventLoopLagMs)} ms. Something computes for long in this process.`
  return { code: 'EVENT_LOOP_SLOW', status: 'degraded', message }
}

function queueReason({ freeSlots, oldestQueuedMs }: Vitals, { queueAgeMs }: Required<HealthLimits>): Finding | null {
  if (freeSlots > 0 || oldestQueuedMs === null || oldestQueuedMs <= queueAgeMs) return null
  return {
    code: 'QUEUE_STALLED',
    status: 'degraded',
    message: `A run has waited for ${text(oldestQueuedMs)} ms and no slot is free. Raise "concurrency", or start another engine.`,
    ageMs: oldestQueuedMs - queueAgeMs,
  }
}

function clockReason({ clockJump }: Vitals): Finding | null {
  if (clockJump === null) return null
  const direction = clockJump.byMs > 0 ? 'forward' : 'back'
  const message = `The clock of this machine jumped ${direction} by ${text(Math.abs(clockJump.byMs))} ms. Schedules and sleeps follow it.`
  return { code: 'CLOCK_JUMPED', status: 'degraded', message }
}

function isDiskFull(error: unknown): boolean {
  if (PerfectError.is(error) && error.details['sqliteCode'] === SQLITE_FULL) return true
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function text(ms: number): string {
  return String(Math.round(ms))
}
