/** The run around which a middleware is. */
export interface RunMiddlewareContext {
  readonly runId: string
  readonly flowId: string
  readonly flowName: string
  readonly flowVersion: string
  readonly configuration: string
  /** Number of the time that the run was taken up. Range: >= 1. */
  readonly epoch: number
  /** Aborted when the run may not go on. */
  readonly signal: AbortSignal
}

/** The attempt around which a middleware is. */
export interface TaskMiddlewareContext extends RunMiddlewareContext {
  readonly taskKey: string
  readonly taskName: string
  /** Range: >= 1. */
  readonly attempt: number
  readonly args: readonly unknown[]
}

/**
 * How a stretch of a run was over: the flow has returned; the run waits for long and goes on later; it was given back, because the
 * engine stops; somebody else holds it; it was cancelled and did not end by itself in time.
 */
export type StretchEnd = 'returned' | 'parked' | 'released' | 'lost' | 'cancelled'

/**
 * Code around the runs and tasks of an engine: adds async context, takes the time, makes one error of another.
 * It must call `next` exactly once, and what `next` throws is thrown on, as it is or as another error.
 */
export interface Middleware {
  /**
   * Around one stretch of a run: from its being taken up to its end, or until it waits for long. A run that is taken up again is
   * wrapped again. `next` throws what the flow throws; code after it runs before the end is stored.
   */
  readonly run?: (context: RunMiddlewareContext, next: () => Promise<StretchEnd>) => Promise<unknown>
  /**
   * Around one attempt of a task, with the context of the task: `current()` works. Tasks that answer from the journal are not
   * wrapped. `next` gives what the task returned; that stays the result, whatever the middleware returns.
   */
  readonly task?: (context: TaskMiddlewareContext, next: () => Promise<unknown>) => Promise<unknown>
}
