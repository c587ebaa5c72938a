/** What past runs of a flow say about one of its tasks, and so about its part of the bar. */
export interface LearnedTask {
  readonly name: string
  /** Its share of the work of a run; the average task has 1, as one that nothing is known of. Range: > 0. */
  readonly weight: number
  /** How often a run comes to it: by itself, or by a whole map. Range: > 0. */
  readonly rounds: number
  /** Calls for each item of a map that it is called in; null when it is not called in maps. Range: > 0. */
  readonly callsPerItem: number | null
  /** How long a call takes. Unit: ms. */
  readonly estimatedMs: number
  /** When it is first called and last ended, as a share of a run. Range: 0..1. */
  readonly startsAt: number
  readonly endsAt: number
}

/** What past runs of a flow say about the bar of the next one: its tasks, in the order in which they come. */
export type LearnedPlan = readonly LearnedTask[]

/** No past run has succeeded. One list for all, so that what is made of it is made once. */
export const NOTHING_LEARNED: LearnedPlan = Object.freeze([])

/** Weights that are all the same as when nothing is said are not a declaration. */
export function declaresWeights(plan: readonly { readonly weight: number; readonly isOpen?: boolean }[]): boolean {
  return plan.some(({ weight, isOpen }) => weight !== 1 || isOpen === true)
}
