import type { TaskLimit } from '../definition/limits.ts'
import type { TaskExtras } from '../journal/run-writes.ts'
import type { TaskCall, TaskHost } from './run-task.ts'

/** The limits of a task call; none for most tasks. */
export function limitsOfCall({ definition, args }: TaskCall): readonly TaskLimit[] {
  return definition.limitsOf?.(args) ?? []
}

/** Takes a place of each limit, in turn with the other calls; gives whether the call may start. */
export async function takeSlots(host: TaskHost, { key }: TaskCall, limits: readonly TaskLimit[]): Promise<boolean> {
  const keys = limits.map((limit) => limit.key)
  for (;;) {
    if (host.isAborted) return false
    const receipt = await host.journal.exchange({ type: 'slots.take', task: key, limits })
    if (receipt === 'lost') return false
    if (receipt.accepted) return true
    await host.slots.wait(keys, receipt.retryAt ?? null, host.signal)
  }
}

/** What is written with the record of a call: its places come free, and its result is kept for others. */
export function extrasOf(
  { definition }: TaskCall,
  limits: readonly TaskLimit[],
  cacheKey: string | undefined,
  now: number,
): TaskExtras {
  return {
    ...(limits.length > 0 && { freeSlots: true }),
    ...(cacheKey !== undefined &&
      definition.cache !== null && { cache: { key: cacheKey, expiresAt: now + definition.cache.ttlMs } }),
  }
}

/** Gives the places back of a call that was stopped before it had a record. */
export async function freeSlots(
  { journal, slots }: TaskHost,
  { key }: TaskCall,
  limits: readonly TaskLimit[],
): Promise<void> {
  if (limits.length === 0) return
  await journal.exchange({ type: 'slots.free', task: key })
  slots.freed(limits.map((limit) => limit.key))
}
