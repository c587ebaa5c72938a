import type { ConfigurationOptions } from '../definition/configuration.ts'
import type { RetentionOptions } from '../definition/retention.ts'
import { PerfectError } from '../errors/perfect-error.ts'
import type { Clock } from '../primitives/clock.ts'
import type { ClientDeclaration, ProcessAdapter } from '../processes/process-adapter.ts'
import type { Storage } from '../storage/storage.ts'
import type { AlertRule } from './alerts/alert-rules.ts'
import type { ObservabilityOptions } from './observability/observability.ts'

/** How an engine works. Everything has a default: `new FlowEngine()` is a working engine in memory. */
export interface EngineOptions extends ObservabilityOptions {
  /** Where runs are kept. Default: in memory, gone with the process. */
  readonly storage?: Storage
  /** Runs of flows of this process that are driven at once. Range: >= 1. Default: 100. */
  readonly concurrency?: number
  /**
   * How long the runs of an engine, or of a remote worker, wait for it after its last sign of life. Those of an engine of this
   * machine whose process is gone do not wait. Unit: ms. Range: >= 100. Default: 15,000.
   */
  readonly leaseMs?: number
  /** How long a cancelled run may take to end by itself. Unit: ms. Range: >= 0. Default: 10,000. */
  readonly cancelGraceMs?: number
  /** A run that waits longer than this, with nothing running, leaves memory, and is replayed when it goes on. Unit: ms. Range: >= 0. Default: 5,000. */
  readonly parkAfterMs?: number
  /** How long ended runs of flows are kept that say nothing about it themselves. Default: for ever. */
  readonly retention?: RetentionOptions
  /** How long the audit log is kept. Default: 400 days, and no more than 100,000 actions. */
  readonly auditRetention?: RetentionOptions
  /**
   * How long taking back what a failed or cancelled run did (`compensate`) may take in all. What has not been undone then stays, and the error
   * of the run names it. Unit: ms. Range: >= 0. Default: 600,000.
   */
  readonly compensateGraceMs?: number
  /** Further configurations, or changes of the built-in ones. */
  readonly configurations?: Readonly<Record<string, ConfigurationOptions>>
  /** Client processes that may be started, by id. Nothing else can be started. */
  readonly clients?: Readonly<Record<string, ClientDeclaration>>
  /**
   * Folder for what client processes write and which of them run, of this engine alone: their output is then known after a restart (up to
   * 25 MiB of each client), and processes that were left behind when the engine and their guard were killed are ended by its next start.
   * Default: neither is kept.
   */
  readonly clientFolder?: string
  /** How client processes are started. Default: as child processes. */
  readonly processAdapter?: ProcessAdapter
  /** Who is told when runs fail, are slow or recover, and when scheduled times are missed. Default: nobody. */
  readonly alerts?: readonly AlertRule[]
  /** Hosts, as they stand in URLs of webhooks, that may be in a private network or this machine, and may be called by `http:`. Default: none. */
  readonly allowPrivateHosts?: readonly string[]
  /** Time. Default: that of this machine. */
  readonly clock?: Clock
  /** Chance, of jitter and of identifiers: gives a number >= 0 and < 1. Default: that of this machine. */
  readonly random?: () => number
}

/** @throws {PerfectError} REQUEST_INVALID when the value is out of its range. */
export function checkRange(field: string, value: number, min: number): number {
  if (Number.isFinite(value) && value >= min) return value
  throw new PerfectError('REQUEST_INVALID', `"${field}" is ${String(value)}. Give a number >= ${String(min)}.`, {
    details: { field, value: String(value) },
  })
}
