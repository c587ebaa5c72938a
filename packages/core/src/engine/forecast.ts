/* What is to come: how a run would look, and what the schedules will start. Nothing is run, and nothing is stored. */
import { DEFAULT_CONFIGURATION } from '../definition/configuration.ts'
import { previewTimes } from '../definition/schedules/preview.ts'
import { PerfectError } from '../errors/perfect-error.ts'
import type { EngineParts } from './engine-parts.ts'
import type { FlowReference } from './flow-registry.ts'
import { findCollisions, type ExpectedRun, type RunCollision } from './progress/schedule-collisions.ts'
import {
  expectedLength,
  simulateTimeline,
  type ExpectedLength,
  type RunTimeline,
} from './progress/simulate-timeline.ts'
import type { KnownSchedule } from './schedules/schedule-record.ts'
import { newRun, type TriggerOptions } from './trigger-run.ts'

/** A run as it is expected. */
export interface FlowSimulation extends RunTimeline {
  readonly flowId: string
  readonly configuration: string
}

/** Which time to look at. */
export interface PredictScheduleQuery {
  /** Default: now. */
  readonly from?: Date | number
  /** Default: 24 hours after `from`. */
  readonly to?: Date | number
}

/** A run that a schedule is expected to start. Instants are RFC 3339 text in UTC. */
export interface PredictedRun extends ExpectedLength {
  readonly scheduleId: string
  readonly flowId: string
  readonly flowName: string
  readonly configuration: string
  /** The time of the schedule, and when it is run: later by its jitter. */
  readonly at: string
  readonly firesAt: string
  /** When it is expected to end; null: nobody knows. */
  readonly finishAt: string | null
}

/** More runs than may run at a time: some of them will wait, or be left out. */
export interface PredictedCollision extends Omit<RunCollision, 'at'> {
  readonly at: string
}

/** What the schedules are expected to do. */
export interface SchedulePrediction {
  /** In the order in which they start. At most 1,000 of each schedule. */
  readonly runs: readonly PredictedRun[]
  readonly collisions: readonly PredictedCollision[]
}

const DAY_MS = 86_400_000
const MAX_TIMES = 1000

/** @throws {PerfectError} FLOW_NOT_FOUND, CONFIGURATION_INVALID, INPUT_INVALID, VALUE_UNSERIALIZABLE */
export async function simulateFlow(
  parts: EngineParts,
  flow: FlowReference,
  options: Pick<TriggerOptions, 'input' | 'configuration'>,
): Promise<FlowSimulation> {
  const definition = parts.registry.get(flow)
  const { run } = await newRun(parts, definition, options)
  const model = await parts.models.load(run)
  const { configuration } = run
  return {
    flowId: definition.id,
    configuration,
    ...simulateTimeline(model, definition.plan, configuration),
  }
}

/** @throws {PerfectError} REQUEST_INVALID, STORAGE_UNAVAILABLE */
export async function predictSchedule(
  parts: EngineParts,
  known: readonly KnownSchedule[],
  query: PredictScheduleQuery,
): Promise<SchedulePrediction> {
  const from = Number(query.from ?? parts.clock.now())
  const to = Number(query.to ?? from + DAY_MS)
  if (!(Number.isFinite(from) && to > from)) throw badRange(query)
  const found = await Promise.all(known.map((one) => runsOf(parts, one, { from, to })))
  const runs = found.flat().toSorted((left, right) => left.expected.from - right.expected.from)
  const overlapping = new Set(
    known.filter(({ schedule }) => schedule.overlap === 'allow').map(({ record }) => record.id),
  )
  const collisions = findCollisions(
    runs.map(({ expected }) => expected),
    {
      engine: parts.dispatcher.concurrency,
      flow: (flowId) => parts.registry.find(flowId)?.limits?.max ?? null,
      mayOverlap: (scheduleId) => overlapping.has(scheduleId),
    },
  )
  return { runs: runs.map(({ view }) => view), collisions: collisions.map((one) => ({ ...one, at: toText(one.at) })) }
}

interface Predicted {
  readonly expected: ExpectedRun
  readonly view: PredictedRun
}

async function runsOf(
  { registry, models }: EngineParts,
  { schedule, record }: KnownSchedule,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<readonly Predicted[]> {
  const definition = registry.find(record.flowId)
  if (!definition) return []
  const { id: flowId, name: flowName, version: flowVersion, plan } = definition
  const configuration = schedule.configuration ?? DEFAULT_CONFIGURATION
  const model = await models.load({ flowId, flowVersion, configuration })
  const length = expectedLength(model, plan, configuration)
  const times = previewTimes(schedule, record, from - 1, MAX_TIMES).filter(
    ({ at, isSkipped }) => at <= to && !isSkipped,
  )
  return times.map(({ at, firesAt }) => {
    const end = length.totalMs === null ? null : firesAt + length.totalMs
    const facts = { scheduleId: record.id, flowId, flowName, configuration }
    const instants = { at: toText(at), firesAt: toText(firesAt), finishAt: end === null ? null : toText(end) }
    return {
      expected: { scheduleId: record.id, flowId, from: firesAt, to: end },
      view: { ...facts, ...instants, ...length },
    }
  })
}

function badRange({ from, to }: PredictScheduleQuery): PerfectError {
  return new PerfectError(
    'REQUEST_INVALID',
    `"from" ${String(from)} is not before "to" ${String(to)}. Give two times in order.`,
    {
      details: { field: 'to', value: String(to) },
    },
  )
}

function toText(at: number): string {
  return new Date(at).toISOString()
}
