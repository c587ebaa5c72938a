/* What is shown of the estimates of one run: a fraction that never falls, an end that does not flicker, states that do not flap. Pure. */
import type { EstimateState } from './estimate-view.ts'

/** A forecast at some moment. Unit: ms. */
export interface Forecast {
  /** The run's own time. */
  readonly elapsedMs: number
  readonly remainingMs: number
  /** Nine of ten runs take no longer. Default: `remainingMs`. */
  readonly lateMs?: number
  readonly state: EstimateState
}

// The end that is shown follows the forecast with this part of the whole time behind it.
const SMOOTHING = 0.05
// A state is shown when it was found this often, one after the other.
const TIMES_BEFORE_SHOWN = 2
const MAX_FRACTION = 0.995
// Near the end the bar goes for an instant this part of the way from the forecast to the late end: to stand at 99 % is worse than to arrive from 98 %.
const CAUTION = 0.1
// More than this is no time but a mistake.
const MAX_MS = 1e14

/** The estimate of one run as it is shown. */
export class ShownEstimate {
  #fraction = 0
  #elapsedMs = 0
  #endMs: number | null = null
  #state: EstimateState | null = null
  #next: { readonly state: EstimateState; readonly times: number } | null = null

  /** Range: 0..1. Never falls. */
  get fraction(): number {
    return this.#fraction
  }

  /** Unit: ms. */
  get remainingMs(): number {
    return Math.max(0, (this.#endMs ?? 0) - this.#elapsedMs)
  }

  get state(): EstimateState {
    return this.#state ?? 'none'
  }

  /** Takes a new forecast. Numbers that are none are left out. */
  update({ elapsedMs, remainingMs, lateMs = remainingMs, state }: Forecast): void {
    if (!(Math.abs(elapsedMs) < MAX_MS && Math.abs(remainingMs) < MAX_MS)) return
    const stepMs = Math.max(0, elapsedMs - this.#elapsedMs)
    const leftMs = Math.max(1, remainingMs)
    this.#elapsedMs = Math.max(this.#elapsedMs, elapsedMs)
    // By what is left, not by what is done: so it is linear when the forecast holds, and slows down when it does not.
    const barMs = leftMs + cautionMs(this.#elapsedMs, leftMs, lateMs)
    this.#fraction = Math.min(MAX_FRACTION, 1 - ((1 - this.#fraction) * barMs) / (barMs + stepMs))
    this.#follow(this.#elapsedMs + leftMs, stepMs)
    this.#turn(state)
  }

  #follow(endMs: number, stepMs: number): void {
    const weight = 1 - Math.exp(-stepMs / Math.max(1, SMOOTHING * endMs))
    this.#endMs = this.#endMs === null ? endMs : this.#endMs + (endMs - this.#endMs) * weight
  }

  #turn(state: EstimateState): void {
    if (state === this.#state || this.#state === null) {
      this.#state = state
      this.#next = null
      return
    }
    const times = this.#next?.state === state ? this.#next.times + 1 : 1
    this.#next = { state, times }
    if (times < TIMES_BEFORE_SHOWN) return
    this.#state = state
    this.#next = null
  }
}

function cautionMs(elapsedMs: number, leftMs: number, lateMs: number): number {
  const isUsable = lateMs > leftMs && lateMs < MAX_MS
  return isUsable ? CAUTION * (elapsedMs / (elapsedMs + leftMs)) ** 4 * (lateMs - leftMs) : 0
}
