import type { SchemaOutput, StandardSchema } from '../definition/standard-schema.ts'
import { task as functionTask, type Task, type TaskOptions } from '../definition/task.ts'
import { processTask, type ProcessTaskOptions } from './process-task.ts'
import type { ProcessResult } from './run-process.ts'

/** Makes durable tasks. */
export interface TaskMaker {
  /**
   * Makes a durable task of a function. Called inside a flow, its result is a checkpoint: after a crash it is not run again.
   *
   * @throws {PerfectError} TASK_DEFINITION_INVALID, WEIGHT_INVALID, RETRY_INVALID, DURATION_INVALID
   * @example
   * ```ts
   * const fetchPage = task('fetch page', { retry: 5, timeout: '30s' }, async (url: string) => (await fetch(url)).text())
   * ```
   */
  <A extends unknown[], R>(name: string, run: (...args: A) => R | Promise<R>): Task<A, Awaited<R>>
  <A extends unknown[], R>(
    name: string,
    // What the function says decides, not the options. `NoInfer` would keep callbacks from taking fewer arguments.
    options: TaskOptions<[A][A extends unknown ? 0 : never], NoInfer<Awaited<R>>>,
    run: (...args: A) => R | Promise<R>,
  ): Task<A, Awaited<R>>
  readonly process: ProcessTaskMaker
}

/** Makes durable tasks of programs. */
export interface ProcessTaskMaker {
  /**
   * Makes a durable task of a program. Its output becomes log lines of the task, stderr as warnings. A line `::progress 0.4 reading` or
   * `{"progress":0.4,"note":"reading"}` tells progress; a line `::result {"rows":17}` is the result of the task, else that is the exit code
   * with the last lines. With a schema as `result` the program must give a result that fits.
   *
   * The process, and everything it has started, is ended when the task is cancelled, takes too long or is held elsewhere, and when the
   * host dies. It finds `PERFECT_RUN_ID`, `PERFECT_TASK_KEY`, `PERFECT_ATTEMPT` and `PERFECT_IDEMPOTENCY_KEY` in its environment.
   *
   * @throws {PerfectError} TASK_DEFINITION_INVALID, WEIGHT_INVALID, RETRY_INVALID, DURATION_INVALID; the task fails with PROCESS_FAILED.
   * @example
   * ```ts
   * const convert = task.process('convert', { command: 'ffmpeg', args: (from: string, to: string) => ['-i', from, to], timeout: '10m' })
   * ```
   */
  <A extends unknown[], S extends StandardSchema>(
    name: string,
    options: ProcessTaskOptions<A, SchemaOutput<S>> & { readonly result: S },
  ): Task<A, SchemaOutput<S>>
  <A extends unknown[] = [], R = ProcessResult>(name: string, options: ProcessTaskOptions<A, R>): Task<A, R>
}

// Not the function itself: what is added here is not to be seen below.
const ofFunction: typeof functionTask = functionTask.bind(null)

/** Makes durable tasks: of a function, or with `task.process` of a program. */
export const task: TaskMaker = Object.assign(ofFunction, { process: processTask })
