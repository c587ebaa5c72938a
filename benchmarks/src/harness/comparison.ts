/** How a side is loaded; what a run is, the title of the comparison says. */
export interface Load {
  /** Runs that are measured. Range: >= 1. */
  readonly runs: number
  /** Runs in flight at once. Range: >= 1. */
  readonly concurrency: number
  /** Runs before the measurement, for the compiler to settle: a service runs for days, not for its first half second. Range: >= 0. */
  readonly warmUp: number
}

/** What one round of one side gave, by name. */
export type Figures = Readonly<Record<string, number>>
/** What one round gave, by side. */
export type Round = Readonly<Record<string, Figures>>

/** What has to be reached. */
export interface Target {
  readonly what: string
  /** `x` for a ratio. */
  readonly unit: string
  readonly wants: 'at least' | 'at most'
  readonly limit: number
  /** Its value in one round; the median over all rounds counts. A ratio is taken within a round, so that a slow minute of the machine counts for both sides. */
  readonly of: (round: Round) => number
}

/** What a side runs. */
export type Script = URL | { readonly script: URL; readonly load: Load; readonly smallLoad: Load }

/** Sides that do the same work, one after the other in each round, each in a process of its own. */
export interface Comparison {
  readonly name: string
  /** What is measured, and under which conditions; for people. */
  readonly title: string
  readonly load: Load
  /** Enough to see that it works. */
  readonly smallLoad: Load
  /** Number of rounds. Range: >= 1. */
  readonly rounds: number
  /** What is done once, before the first round. */
  readonly prepare?: URL
  /** Whether all sides, in all rounds, work in the folder that was prepared. Default: each gets an empty one. */
  readonly isFolderShared?: boolean
  readonly sides: Readonly<Record<string, Script>>
  readonly targets: readonly Target[]
}

/** A figure of a round. */
export function figure(round: Round, side: string, name: string): number {
  const value = round[side]?.[name]
  if (value === undefined) throw new Error(`Side "${side}" did not give "${name}".`)
  return value
}

/** The same figure of two sides, the first over the second. */
export function ratio(round: Round, name: string, over: string, under: string): number {
  return figure(round, over, name) / figure(round, under, name)
}
