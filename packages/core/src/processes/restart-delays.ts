import type { ClientPlan } from './client-declaration.ts'

/** How long a client that has ended by itself waits for its next start. */
export class RestartDelays {
  readonly #plan: Pick<ClientPlan, 'restart' | 'restartMinDelayMs' | 'restartMaxDelayMs'>
  #ends = 0

  constructor(plan: Pick<ClientPlan, 'restart' | 'restartMinDelayMs' | 'restartMaxDelayMs'>) {
    this.#plan = plan
  }

  /** Somebody has started it: what was before does not count. */
  reset(): void {
    this.#ends = 0
  }

  /** It has ended by itself. @returns Unit: ms; null: it is not started again. */
  next({ isFailure, ranMs }: { readonly isFailure: boolean; readonly ranMs: number }): number | null {
    const { restart, restartMinDelayMs, restartMaxDelayMs } = this.#plan
    if (restart === 'never' || (restart === 'on-failure' && !isFailure)) return null
    if (ranMs >= restartMaxDelayMs) this.#ends = 0
    this.#ends++
    return Math.min(restartMaxDelayMs, restartMinDelayMs * 2 ** (this.#ends - 1))
  }
}
