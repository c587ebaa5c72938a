import type { TaskLimit } from '../definition/limits.ts'
import type { TaskExtras } from '../journal/run-writes.ts'
import type { TaskCall, TaskHost } from './run-task.ts'

const NO_LIMITS: readonly TaskLimit[] = []

/** The limits of a task call; none for most tasks. */
export function limitsOfCall({ definition, args }: TaskCall): readonly TaskLimit[] {
  return definition.limitsOf?.(args) ?? NO_LIMITS
}

/** Takes a place of each limit, in turn with the other calls; gives whether the call may start. */
export async function takeSlots(
  host: TaskHost,
  call: TaskCall,
  { limits, attempt }: { readonly limits: readonly TaskLimit[]; readonly attempt: number },
): Promise<boolean> {
  const { journal, slots } = host
  const { key, kind, estimatedMs } = call
  if (!mayStart(host)) return false
  const turn = slots.join({
    limits,
    ask: () => journal.exchange({ type: 'slots.take', task: key, limits }),
    giveBack: () => void freeSlots(host, call, limits),
  })
  if ((await turn.first) === 'waits') {
    journal.begin(call, { kind, attempt, estimatedMs }, () => turn.place)
    while (!turn.hasEnded)
      if ((await host.dormant({ wakeAt: null, kind: 'slot', key, until: turn.ended })) === 'stopped') turn.leave()
  }
  if ((await turn.ended) && mayStart(host)) return true
  turn.leave()
  return false
}

function mayStart({ isAborted }: TaskHost): boolean {
  return !isAborted
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
  slots.freed(limits)
}
