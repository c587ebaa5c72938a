import { PerfectError } from '../errors/perfect-error.ts'
import { toMs, type Duration } from '../primitives/duration.ts'

/** How long ended runs are kept. Statistics stay when runs are removed. */
export interface RetentionOptions {
  /** Ended runs are removed this long after their end. Default: never. */
  readonly age?: Duration
  /** Only so many ended runs are kept, the newest. Range: >= 0. Default: all. */
  readonly keep?: number
}

/** A checked retention. */
export interface Retention {
  readonly ageMs: number | null
  readonly keep: number | null
}

/** @throws {PerfectError} DURATION_INVALID, FLOW_DEFINITION_INVALID */
export function toRetention({ age, keep }: RetentionOptions): Retention {
  if (keep !== undefined && (!Number.isInteger(keep) || keep < 0))
    throw new PerfectError(
      'FLOW_DEFINITION_INVALID',
      `"retention.keep" is ${String(keep)}. Give a whole number >= 0.`,
      {
        details: { field: 'retention.keep', value: String(keep) },
      },
    )
  return Object.freeze({ ageMs: age === undefined ? null : toMs(age, 'retention.age'), keep: keep ?? null })
}
