/* Puts the middlewares of an engine around what it runs. Without any, what runs is called as it is. */
import type { Middleware, RunMiddlewareContext, StretchEnd, TaskMiddlewareContext } from '../definition/middleware.ts'
import { PerfectError } from '../errors/perfect-error.ts'
import type { RunJournal } from '../journal/run-journal.ts'
import type { SignalSource } from './task-context.ts'

/** How a stretch ended that the flow did not end; `finished`: the run was cancelled from outside. */
type OtherEnd = Exclude<StretchEnd, 'returned' | 'cancelled'> | 'finished'

/** One stretch of a run. */
interface Stretch extends SignalSource {
  /** Settles when the stretch is over for another reason than the flow itself. */
  readonly ended: Promise<OtherEnd>
}

/** A task call, as it is known before the context of a middleware is made. */
interface WrappedCall {
  readonly key: string
  readonly name: string
  readonly args: readonly unknown[]
}

type Around<C, T> = (context: C, next: () => Promise<T>) => Promise<unknown>

/** The middlewares of one engine, the first one outermost. */
export class MiddlewareChain {
  readonly #report: (error: unknown, doing: string) => void
  #runs: readonly Around<RunMiddlewareContext, StretchEnd>[] = []
  #tasks: readonly Around<TaskMiddlewareContext, unknown>[] = []

  /** @param report Hears what a middleware throws after its run is over. */
  constructor(report: (error: unknown, doing: string) => void) {
    this.#report = report
  }

  /** Adds a middleware inside those that are there; with `outermost` around them. @throws {PerfectError} MIDDLEWARE_INVALID */
  use(middleware: Middleware, place: 'innermost' | 'outermost' = 'innermost'): void {
    checkMiddleware(middleware)
    const { run, task } = middleware
    const add = <T>(list: readonly T[], item: T): readonly T[] =>
      place === 'innermost' ? [...list, item] : [item, ...list]
    if (run) this.#runs = add(this.#runs, run.bind(middleware))
    if (task) this.#tasks = add(this.#tasks, task.bind(middleware))
  }

  /** Runs a flow function; gives what it gives. Never settles when the stretch ends before the flow does. */
  run<T>(journal: RunJournal, stretchOf: Stretch, flow: () => Promise<T>): Promise<T> {
    const around = this.#runs
    if (around.length === 0) return flow()
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const found: { returned: { readonly value: T } | null; isOver: boolean } = { returned: null, isOver: false }
    const stretch = async (): Promise<StretchEnd> => {
      const end = await Promise.race([flow().then((value) => ({ value })), stretchOf.ended])
      found.isOver = typeof end === 'string'
      if (typeof end === 'string') return end === 'finished' ? 'cancelled' : end
      found.returned = end
      return 'returned'
    }
    callAll(around, runContext(journal, stretchOf.signal), stretch).then(
      () => found.returned && resolve(found.returned.value),
      (error: unknown) => {
        if (found.isOver) this.#report(error, `running a middleware around run ${journal.run.id}, which had left`)
        else reject(error)
      },
    )
    return promise
  }

  /** Runs an attempt of a task; gives what it gives. */
  task<T>(
    journal: RunJournal,
    attempt: { readonly call: WrappedCall; readonly attempt: number; readonly source: SignalSource },
    body: () => Promise<T>,
  ): Promise<T> {
    const around = this.#tasks
    if (around.length === 0) return body()
    const { call, source } = attempt
    const context: TaskMiddlewareContext = {
      ...runContext(journal, source.signal),
      taskKey: call.key,
      taskName: call.name,
      attempt: attempt.attempt,
      args: call.args,
    }
    return callAll(around, context, body)
  }
}

function runContext({ run, definition, configuration }: RunJournal, signal: AbortSignal): RunMiddlewareContext {
  return {
    runId: run.id,
    flowId: definition.id,
    flowName: definition.name,
    flowVersion: definition.version,
    configuration: configuration.name,
    epoch: run.epoch,
    signal,
  }
}

function callAll<C, T>(around: readonly Around<C, T>[], context: C, body: () => Promise<T>): Promise<T> {
  let next = body
  for (const middleware of around.toReversed()) {
    const inner = next
    next = () => callOne(middleware, context, inner)
  }
  return next()
}

// Whatever a middleware returns, the result of what it is around stays; an error can be made another one, but not vanish.
async function callOne<C, T>(around: Around<C, T>, context: C, body: () => Promise<T>): Promise<T> {
  const calls: Promise<T>[] = []
  const next = (): Promise<T> => {
    const call = calls.length === 0 ? body() : Promise.reject<T>(calledTwice())
    calls.push(call)
    // The middleware may have thrown by the time this fails.
    call.catch(() => undefined)
    return call
  }
  await around(context, next)
  const [first, second] = calls
  if (!first) throw invalid('did not call "next"', 'Call it exactly once, or throw an error.')
  if (second) throw calledTwice()
  const result = await first
  return result
}

function calledTwice(): PerfectError {
  return invalid('called "next" more than once', 'Call it once, and keep its promise.')
}

function checkMiddleware(middleware: Middleware): void {
  const given: unknown = middleware
  const isObject = typeof given === 'object' && given !== null
  const parts = isObject ? [middleware.run, middleware.task] : []
  const isUsable = parts.some((part) => typeof part === 'function')
  if (isUsable && parts.every((part) => part === undefined || typeof part === 'function')) return
  throw invalid('has no "run" and no "task" function', 'Give an object with at least one of them.')
}

function invalid(problem: string, fix: string): PerfectError {
  return new PerfectError('MIDDLEWARE_INVALID', `A middleware ${problem}. ${fix}`, { details: { problem } })
}
