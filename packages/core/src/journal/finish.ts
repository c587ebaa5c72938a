/* The end of a run, as it is written. Pure. */
import type { Configuration } from '../definition/configuration.ts'
import type { Fence, FinishRun } from '../storage/run-changes.ts'
import type { RunEnd } from './run-writes.ts'
import type { RecordSums } from './task-record.ts'

/** What a journal knows of a run that ends. */
export interface EndFacts extends Pick<FinishRun, 'finishedAt' | 'progress' | 'next' | 'estimate' | 'alerts'> {
  readonly tasksDone: number
  readonly sums: RecordSums
  readonly configuration: Configuration
  readonly workerEventSeq: number | undefined
}

// Clearing the results of tasks costs a write; fewer characters than these are not worth it.
const FEW_CHARS = 4096

/** The change that ends a run. */
export function toFinish(
  fence: Fence,
  end: RunEnd,
  { sums, configuration, workerEventSeq, ...facts }: EndFacts,
): FinishRun {
  const keepsNothing = end.status === 'succeeded' && !configuration.keepTaskResults
  return {
    type: 'run.finish',
    ...fence,
    ...end,
    ...facts,
    ...(sums.hasPlaces && { freeSlots: true }),
    dropTaskValues: keepsNothing && sums.valueChars > FEW_CHARS,
    ...(workerEventSeq !== undefined && { workerEventSeq }),
  }
}
