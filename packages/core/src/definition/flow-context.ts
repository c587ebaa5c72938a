import type { Duration } from '../primitives/duration.ts'
import type { Settled } from '../primitives/run-lanes.ts'
import { ambient, current } from './ambient.ts'
/*
 * The calls of a flow in their explicit form, for code where the async context of Node is lost: callbacks of some drivers, queues and
 * event emitters that were made elsewhere. They do the same as the functions of the same names.
 */
import type { ChildOptions } from './child-options.ts'
import { allIn, scopeIn, sleepIn, stepIn, type StepOptions } from './flow-calls.ts'
import type { FlowScope, MapOptions } from './flow-scope.ts'
import type { Flow } from './flow.ts'
import { mapIn, type SettledMapOptions } from './map-call.ts'
import type { TaskContext } from './task-context.ts'
import type { Task } from './task.ts'
import { approvalIn, waitIn, type Approval, type ApprovalOptions, type waitFor, type WaitForOptions } from './waits.ts'

/** The calls of a flow, bound to a place in it: the second argument of its function. Inside a task they are ordinary calls. */
export interface FlowContext {
  /** The run, its log and its signal, as `current()` gives them. */
  readonly current: () => TaskContext
  /** Calls a task. */
  readonly call: <A extends unknown[], R>(task: Task<A, R>, ...args: A) => Promise<R>
  /** A task that is written where it is called. */
  readonly step: {
    <R>(name: string, run: (context: TaskContext) => R | Promise<R>): Promise<Awaited<R>>
    <R>(
      name: string,
      options: StepOptions<NoInfer<Awaited<R>>>,
      run: (context: TaskContext) => R | Promise<R>,
    ): Promise<Awaited<R>>
  }
  /** Runs a function for each item; it gets the calls of the scope of its item. */
  readonly map: {
    <T, R>(
      name: string,
      items: readonly T[],
      run: (item: T, index: number, context: FlowContext) => R | Promise<R>,
      options: SettledMapOptions<T>,
    ): Promise<Settled<Awaited<R>>[]>
    <T, R>(
      name: string,
      items: readonly T[],
      run: (item: T, index: number, context: FlowContext) => R | Promise<R>,
      options?: MapOptions<T>,
    ): Promise<Awaited<R>[]>
  }
  /** Runs code in a scope of its own; it gets the calls of that scope. */
  readonly scope: <R>(name: string, run: (context: FlowContext) => R | Promise<R>) => Promise<Awaited<R>>
  /**
   * Runs functions side by side, each with the calls of a scope of its own.
   *
   * @typeParam T The functions by name.
   */
  readonly all: <T extends Readonly<Record<string, (context: FlowContext) => unknown>>>(
    branches: T,
  ) => Promise<{ -readonly [K in keyof T]: Awaited<ReturnType<T[K]>> }>
  /** Waits for a signal. */
  readonly waitFor: typeof waitFor
  /** Waits until somebody approves or rejects. */
  readonly approval: (name: string, options?: ApprovalOptions) => Promise<Approval | undefined>
  /** Runs a flow as a run of its own, and waits for its end. */
  readonly callFlow: <In, Out>(flow: Flow<In, Out>, input: In, options?: ChildOptions) => Promise<Out>
  /** Waits. */
  readonly sleep: (until: Duration | Date) => Promise<void>
}

/** @param scope Where the calls are made; undefined outside of a run: then they are ordinary calls. */
export function createFlowContext(scope: FlowScope | undefined): FlowContext {
  // Code of a task is ordinary code, whatever it was given.
  const around = (): FlowScope | undefined => (ambient.getStore()?.scope === null ? undefined : scope)
  const context = {
    current: (): TaskContext => around()?.context ?? current(),
    call: <A extends unknown[], R>(task: Task<A, R>, ...args: A): Promise<R> =>
      (around()?.call(task.definition, args) as Promise<R> | undefined) ?? task(...args),
    step: (name: string, ...rest: Parameters<typeof stepIn>[2]) => stepIn(around(), name, rest),
    map: <T, R>(
      name: string,
      items: readonly T[],
      run: (item: T, index: number, context: FlowContext) => R | Promise<R>,
      options: MapOptions<T> | SettledMapOptions<T> = {},
    ) =>
      mapIn(around(), {
        name,
        items: [...items],
        run: (item, index, inside) => run(item, index, createFlowContext(inside)),
        options,
      }),
    scope: <R>(name: string, run: (context: FlowContext) => R | Promise<R>) =>
      scopeIn(around(), name, (inside) => run(createFlowContext(inside))),
    all: <T extends Readonly<Record<string, (context: FlowContext) => unknown>>>(branches: T) =>
      allIn<T, [FlowContext]>(around(), branches, (inside) => [createFlowContext(inside)]),
    waitFor: (name: string, options?: WaitForOptions) => waitIn(around(), name, options),
    approval: (name: string, options?: ApprovalOptions) => approvalIn(around(), name, options),
    callFlow: <In, Out>(flow: Flow<In, Out>, input: In, options: ChildOptions = {}): Promise<Out> =>
      (around()?.child(flow.definition, input, options) as Promise<Out> | undefined) ?? flow(input),
    sleep: (until: Duration | Date) => sleepIn(around(), until),
  }
  return Object.freeze(context) as FlowContext
}
