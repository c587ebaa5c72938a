import { setTimeout as delay } from 'node:timers/promises'

import { sendSignal, type ProcessTree } from './process-tree.ts'

const POLL_MS = 25
// A process can start another one just behind the back of a single look at /proc.
const EMPTY_LOOKS = 2
// Who cannot be killed (another user, a hanging disk) must not be waited for for ever.
const GIVE_UP_MS = 10_000

/** How processes are ended. */
export interface EndTreeOptions {
  /** Between the request to end and SIGKILL. Unit: ms. Range: >= 0. */
  readonly graceMs: number
  /** Who got SIGTERM already: a second one is an order to hurry for many programs. */
  readonly asked?: Set<number>
  /** Whether they are killed at once. */
  readonly isUrgent?: () => boolean
}

/** Asks all that is left of a tree to end, kills what does not, and waits until nothing is left. Gives whether there was anything. */
export async function endTree(
  tree: ProcessTree,
  { graceMs, asked = new Set(), isUrgent = () => false }: EndTreeOptions,
): Promise<boolean> {
  const startedAt = performance.now()
  let wasAny = false
  for (let emptyLooks = 0; emptyLooks < EMPTY_LOOKS;) {
    const members = await tree.members()
    emptyLooks = members.length === 0 ? emptyLooks + 1 : 0
    wasAny ||= members.length > 0
    const elapsedMs = performance.now() - startedAt
    if (elapsedMs > graceMs + GIVE_UP_MS) break
    for (const { pid } of members) {
      if (isUrgent() || elapsedMs >= graceMs) sendSignal(pid, 'SIGKILL')
      else if (!asked.has(pid)) sendSignal(pid, 'SIGTERM')
      asked.add(pid)
    }
    if (members.length > 0) await delay(POLL_MS)
  }
  return wasAny
}
