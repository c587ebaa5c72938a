/** Every state of an estimate. */
export const ESTIMATE_STATES = ['none', 'first-run', 'ok', 'slow', 'stalled', 'waiting', 'queued'] as const

/**
 * How an estimate is to be taken. `none`: nothing is known yet; `first-run`: from declared times only, rough; `slow`: it takes longer than
 * nine of ten past runs; `stalled`: what runs takes several times as long as ever; `waiting`: for people, so nobody can tell; `queued`: it has
 * not started.
 */
export type EstimateState = (typeof ESTIMATE_STATES)[number]

/** How long a run still takes. It is never made from the percent: work done and time left are two things. */
export interface EstimateView {
  readonly state: EstimateState
  /** Unit: ms. Range: >= 0. null when nobody can tell. */
  readonly remainingMs: number | null
  readonly finishAt: string | null
  /** Four of five runs end between these. */
  readonly early: string | null
  readonly late: string | null
  /** Share of the whole time that has passed. Range: 0..1. Never falls; 1 only on success. null when nobody can tell. */
  readonly fraction: number | null
  /** For a run in line: how long until it starts, when that can be told, and how many are before it. Unit: ms. */
  readonly startsInMs: number | null
  readonly ahead: number | null
  /** What it was made from: `from 18 successful release runs`. */
  readonly basis: string
  /** For people: `about 4 min left, likely 3 to 6 min`. */
  readonly sentence: string
}
