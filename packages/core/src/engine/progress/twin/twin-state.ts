/*
 * RunTwin: the remaining time of a run from the past runs that were most like it. This folder knows nothing of the engine: it sees tasks
 * with times and tells times. Everything here is data of one flow in one configuration.
 */

/** One known call of a task of a run that has not ended. */
export interface SeenTask {
  /** Name of the task, not of the call. */
  readonly key: string
  readonly id: string
  readonly state: 'pending' | 'running' | 'done'
  /** Since the run started. Unit: ms. Default: 0. */
  readonly start?: number
  readonly end?: number
  /** What the task has told. Range: 0..1. */
  readonly fraction?: number
}

/** One call of a run that has ended. */
export interface FinishedTask {
  readonly key: string
  readonly id: string
  /** Since the run started. Unit: ms. */
  readonly start: number
  readonly end: number
  readonly ok: boolean
  /** Ids of the calls that it waited for. */
  readonly deps: readonly string[]
}

/** A run that has ended. */
export interface FinishedRun {
  readonly ok: boolean
  /** When it ended, since its start: not before its last task. Unit: ms. Default: with its last task. */
  readonly total?: number
  readonly tasks: readonly FinishedTask[]
}

/** What the author of a flow tells of a task. */
export interface DeclaredTask {
  readonly key: string
  /** Keys of the tasks that it waits for. */
  readonly deps: readonly string[]
  /** Unit: ms. */
  readonly ms: number
  readonly count?: number
  readonly lanes?: number
}

/** The calls of one task in one past run. */
export interface PastGroup {
  readonly n: number
  /** Durations, the shortest first; of many, quantiles. Unit: ms. */
  readonly d: readonly number[]
  /** Time from the end of all that it waited for to its start. Unit: ms. Default: 0. */
  readonly gap?: number
}

/** A run that is kept. */
export interface PastRun {
  readonly groups: Readonly<Record<string, PastGroup>>
  /** Unit: ms. */
  readonly total?: number
  /** Made from declared times, not from a run. */
  readonly prior?: true
}

/** What is known of the place of a task in the flow. */
export interface GraphNode {
  readonly key: string
  parents: readonly string[]
  /** Most calls seen at once. */
  lanes: number
  /** How often it started before the fan-out that it follows had ended. Range: 0..1. */
  piped: number
  /** The last run that had it. */
  seen: number
  declared?: boolean
  /** Usual time from the end of all that it waits for to its start. Unit: ms. */
  lag?: number
  /** Tasks that it has begun before, although it came after them in other runs, with the last run that showed it. */
  doubts?: Readonly<Record<string, number>>
}

/** All that is kept, as JSON. */
export interface TwinState {
  readonly v: 1
  readonly runs: readonly PastRun[]
  readonly real: number
  readonly seq: number
  readonly nodes: readonly GraphNode[]
  readonly sxy: number
  readonly sxx: number
  readonly pit: readonly (readonly number[])[]
  readonly loss: readonly number[]
}

/** Beginning, middle and end of a run: intervals are judged in each of them. */
export type Phase = 0 | 1 | 2

/** Remaining time. Unit: ms. */
export interface Forecast {
  readonly low: number
  readonly median: number
  readonly high: number
  readonly phase: Phase
  /** The draws, the smallest first, with two points beyond either end. */
  readonly samples: readonly number[]
}

/** The calls of a task that are known to come. */
export interface Announced {
  /** With those that are listed. */
  readonly calls: number
  /** Whether no more will come than these. */
  readonly isAll: boolean
}

/** What a forecast is made with besides tasks. */
export interface ForecastOptions {
  /** The same for a run in each of its updates. */
  readonly seed: number
  /**
   * What the list of tasks has: all that can start next too, as pending ones (`next`), or only those that have started (`started`): then a
   * task may get more calls until one that comes after it has started. Default: `next`.
   */
  readonly listed?: 'next' | 'started'
  /** How many calls of a task are known to come in all, where more are known than are listed. Default: none. */
  readonly announced?: ReadonlyMap<string, Announced>
  /** Calls that may run at once in all. Default: no limit. */
  readonly lanes?: number
}
