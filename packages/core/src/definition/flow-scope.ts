import type { TaskContext } from './task-context.ts'
import type { TaskDefinition } from './task.ts'

/** How `map` runs its items. */
export interface MapOptions<T> {
  /** Names the item in checkpoint keys; must differ between items. Default: the index. */
  readonly key?: (item: T, index: number) => string | number
  /** Items that run at the same time. Range: >= 1. Default: 16. */
  readonly concurrency?: number
  /** Weight of the whole map in the progress of the flow; its items share it. Range: > 0. Default: 1. */
  readonly weight?: number
}

/** A place in a running flow where tasks can be called: the runner's side of `task`, `step`, `map`, `scope`, `all` and `sleep`. */
export interface FlowScope {
  /** What code of the flow itself gets from `current()`: the run, its log and its signal. Lines are not written again on replay. */
  readonly context: TaskContext
  /** Gives the recorded result of this call, or runs the task and records it. */
  call(definition: TaskDefinition, args: readonly unknown[]): Promise<unknown>
  map<T, R>(
    name: string,
    items: readonly T[],
    run: (item: T, index: number) => Promise<R>,
    options: MapOptions<T>,
  ): Promise<R[]>
  /** Runs code in a scope of its own, so that its task names are counted apart. */
  inScope<R>(name: string, run: () => Promise<R>): Promise<R>
  /** Ends at an instant that is fixed at the first call, also after a crash. */
  sleep(wake: { readonly afterMs: number } | { readonly at: number }): Promise<void>
}
