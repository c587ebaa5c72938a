/*
 * How a plain call of a task finds the run it belongs to: through the async context of Node.
 * The runner puts a flow scope there for flow code and a task context for task code; outside both, calls are ordinary calls.
 */
import { AsyncLocalStorage } from 'node:async_hooks'

import type { FlowScope } from './flow-scope.ts'
import type { TaskContext } from './task-context.ts'

/** What surrounds the code that runs now. */
export interface Surroundings {
  /** Where code of a flow calls tasks; null for code of a task, which calls them as ordinary functions. */
  readonly scope: FlowScope | null
  readonly context: TaskContext
}

/** The async context of all flows and tasks. */
export const ambient: AsyncLocalStorage<Surroundings> = new AsyncLocalStorage<Surroundings>()

const outside = AsyncLocalStorage.snapshot()

/**
 * Hears of the end of a promise outside of all flows and tasks: what we do ourselves is no part of them, and what waits there keeps no
 * context alive.
 */
export function settleOutside(
  promise: Promise<unknown>,
  returned: (value: unknown) => void,
  threw: (error: unknown) => void,
): void {
  outside(() => void promise.then(returned, threw))
}

/** The flow scope of the code that runs now; undefined inside a task and outside flows. */
export function flowScope(): FlowScope | undefined {
  return ambient.getStore()?.scope ?? undefined
}

// A task that is called outside a run is an ordinary function, so that unit tests need no engine.
const OUTSIDE: TaskContext = {
  runId: 'run_none',
  key: 'none',
  attempt: 1,
  configuration: 'development',
  signal: new AbortController().signal,
  idempotencyKey: 'run_none:none',
  log: { debug() {}, info() {}, warn() {}, error() {} },
  progress() {},
}

/**
 * What the running task knows about its attempt. In code of the flow itself: the run, its log and its signal. Outside both it gives
 * a context that does nothing, so that a task can be called as an ordinary function.
 */
export function current(): TaskContext {
  return ambient.getStore()?.context ?? OUTSIDE
}
