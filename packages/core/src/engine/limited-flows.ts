import type { FlowDefinition } from '../definition/flow.ts'
import type { Clock } from '../primitives/clock.ts'
import type { ClaimableFlow } from '../storage/storage.ts'
import { claimableFlow } from './flow-limits.ts'

// A place may become free at another engine, which nothing tells of.
const RETRY_MS = 1000

/** Flows whose limits are used up, and until when that is known; of a rate only for runs that have not started. */
export class LimitedFlows {
  readonly #clock: Clock
  readonly #limited = new Map<string, { readonly until: number; readonly isRate: boolean }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** What of a flow may be claimed now. */
  claimable(definition: FlowDefinition): readonly ClaimableFlow[] {
    const limited = this.#limited.get(definition.id)
    if (limited === undefined || limited.until <= this.#clock.now()) return [claimableFlow(definition)]
    return limited.isRate ? [{ ...claimableFlow(definition), onlyStarted: true }] : []
  }

  /**
   * The claim of a run was refused for a limit: other runs of the flow would be refused as well.
   *
   * @param retryAt When there is a place; null when only the end of a run tells.
   * @returns When to look again.
   */
  hold(flowId: string, retryAt: number | null): number {
    const until = retryAt ?? this.#clock.now() + RETRY_MS
    const before = this.#limited.get(flowId)
    // A rate that is used up for longer stays in mind.
    if (before?.isRate !== true || before.until < until) this.#limited.set(flowId, { until, isRate: retryAt !== null })
    return until
  }

  /** A run of the flow has ended here: there may be a place. */
  freed(flowId: string): void {
    if (this.#limited.get(flowId)?.isRate === false) this.#limited.delete(flowId)
  }
}
