import type { LaneOptions, LaneResults } from '../primitives/run-lanes.ts'
import type { ChildOptions } from './child-options.ts'
import type { FlowDefinition } from './flow.ts'
import type { StandardSchema } from './standard-schema.ts'
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

/** How many items of a `map` may fail before the map fails. */
export interface SettleOptions {
  /** The map fails when so many items cannot succeed any more. Range: >= 0. Default: 0. */
  readonly minSuccesses?: number
  /** The map fails when more items have failed. Range: >= 0. Default: any number. */
  readonly maxFailures?: number
}

/** What a call of flow code waits for. */
export interface SignalWait {
  readonly kind: 'signal' | 'approval'
  readonly name: string
  readonly schema: StandardSchema | null
  readonly match: string | null
  readonly timeoutMs: number | null
  /** Of an approval: what is to be decided, in a few words. */
  readonly title: string | null
  /** Of an approval: stored text of what there is to know for a decision. */
  readonly details: string | null
  /** Of an approval: who may decide; null: anybody. */
  readonly approvers: readonly string[] | null
}

/** Items to run, each in a scope of its own. */
export interface ScopedItems<T, R> {
  readonly name: string
  readonly items: readonly T[]
  readonly run: (item: T, index: number, scope: FlowScope) => Promise<R>
  readonly options: MapOptions<T>
}

/** A place in a running flow where tasks can be called: the runner's side of `task`, `step`, `map`, `scope`, `all` and `sleep`. */
export interface FlowScope {
  /** What code of the flow itself gets from `current()`: the run, its log and its signal. Lines are not written again on replay. */
  readonly context: TaskContext
  /** Gives the recorded result of this call, or runs the task and records it. */
  call(definition: TaskDefinition, args: readonly unknown[]): Promise<unknown>
  map<T, R>(items: ScopedItems<T, R>, lanes: LaneOptions): Promise<LaneResults<R>>
  /** Runs code in a scope of its own, so that its task names are counted apart. */
  inScope<R>(name: string, run: (scope: FlowScope) => Promise<R>): Promise<R>
  /** Gives what the signal carries, or nothing when the time is over. */
  waitFor(wait: SignalWait): Promise<unknown>
  /** Runs a flow as a run of its own, and waits for its end. */
  child(flow: FlowDefinition, input: unknown, options: ChildOptions): Promise<unknown>
  /** Ends at an instant that is fixed at the first call, also after a crash. */
  sleep(wake: { readonly afterMs: number } | { readonly at: number }): Promise<void>
}
