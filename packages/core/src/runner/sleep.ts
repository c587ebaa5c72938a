import type { ProgressCall } from '../journal/progress.ts'
import type { CallEnd, TaskHost } from './run-task.ts'

/** Sleeps until an instant that is fixed at the first call, also after a crash. */
export async function sleepUntil(
  host: Pick<TaskHost, 'journal' | 'clock' | 'dormant'>,
  { key, name, weight, item }: ProgressCall,
  wake: { readonly afterMs: number } | { readonly at: number },
): Promise<CallEnd> {
  const { journal, clock } = host
  const before = journal.records.get(key)
  const startedAt = before?.startedAt ?? clock.now()
  const wakeAt = before?.wakeAt ?? ('at' in wake ? wake.at : startedAt + wake.afterMs)
  const estimatedMs = Math.max(0, wakeAt - startedAt)
  const sleep = {
    key,
    name,
    weight,
    kind: 'sleep',
    attempt: 1,
    estimatedMs,
    startedAt,
    value: null,
    error: null,
  } as const
  journal.begin({ key, name, weight, item }, { kind: 'sleep', attempt: 1, estimatedMs })
  if (!before && (await journal.record({ ...sleep, status: 'sleeping', wakeAt, finishedAt: null })) === 'lost')
    return 'stopped'
  if ((await host.dormant({ wakeAt, kind: 'sleep', key })) !== 'over') return 'stopped'
  return journal.record({ ...sleep, status: 'succeeded', wakeAt: null, finishedAt: clock.now() })
}
