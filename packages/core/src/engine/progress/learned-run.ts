import type { TaskRecord } from '../../storage/records.ts'
import { ActiveTime } from './active-time.ts'
import type { LearnedRun } from './flow-model.ts'
import { toRunShape } from './run-shape.ts'
import { finishedCalls, mostAtOnce } from './twin-calls.ts'

/** What a run that has succeeded teaches. */
export function toLearnedRun(
  id: string,
  records: readonly TaskRecord[],
  { startedAt, finishedAt }: { readonly startedAt: number; readonly finishedAt: number },
): LearnedRun {
  const time = new ActiveTime(records, startedAt, finishedAt)
  const calls = finishedCalls(records, time)
  return { id, shape: { ...toRunShape(records, time, finishedAt), lanes: mostAtOnce(calls) }, calls }
}
