import type { Clock } from '../../primitives/clock.ts'

/** The wall clock was set, or the machine slept. */
export interface ClockJump {
  /** How far it jumped; below 0: back. Unit: ms. */
  readonly byMs: number
  /** When it was noticed. Unit: ms since 1970 UTC. */
  readonly at: number
}

// Less is what time servers correct all the time.
const JUMP_MS = 5000
// Long enough for somebody to see it, short enough not to alarm for ever.
const REMEMBER_MS = 5 * 60_000

/** Compares the wall clock with the monotonic one, each time it is asked to. */
export class ClockWatch {
  readonly #clock: Clock
  readonly #onJump: (jump: ClockJump) => void
  #offset: number
  #last: { readonly jump: ClockJump; readonly noticedAt: number } | null = null

  constructor(clock: Clock, onJump: (jump: ClockJump) => void) {
    this.#clock = clock
    this.#onJump = onJump
    this.#offset = clock.now() - clock.monotonic()
  }

  /** Looks for a jump; gives the last one as long as it is recent. */
  look(): ClockJump | null {
    const monotonic = this.#clock.monotonic()
    const at = this.#clock.now()
    const byMs = Math.round(at - monotonic - this.#offset)
    if (Math.abs(byMs) >= JUMP_MS) {
      this.#offset = at - monotonic
      this.#last = { jump: { byMs, at }, noticedAt: monotonic }
      this.#onJump(this.#last.jump)
    }
    return this.#last && monotonic - this.#last.noticedAt <= REMEMBER_MS ? this.#last.jump : null
  }
}
