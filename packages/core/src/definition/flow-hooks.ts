import { PerfectError } from '../errors/perfect-error.ts'
import type { RunLog } from './task-context.ts'

/** A run as its hooks see it. */
export interface HookedRun {
  readonly id: string
  readonly flowId: string
  readonly flowName: string
  readonly flowVersion: string
  readonly configuration: string
  readonly trigger: { readonly kind: string; readonly by: string | null }
  readonly status: string
  /** Range: 0..1. */
  readonly progress: number
  readonly createdAt: Date
  readonly startedAt: Date | null
  readonly finishedAt: Date | null
}

/** What a hook is called with. */
export interface HookEvent {
  readonly run: HookedRun
  /** Adds lines to the log of the run, also once it has ended. */
  readonly log: RunLog
}

/** What a hook of a run that succeeded is called with. */
export interface SuccessEvent<Out = unknown> extends HookEvent {
  readonly result: Out
}

/** What a hook of a run that failed or was cancelled is called with. */
export interface FailureEvent extends HookEvent {
  readonly error: unknown
}

/**
 * Functions that are called as runs of a flow come and go, after the commit that they tell of, in the engine that did it.
 * They are called at most once and are not durable: a process that dies at that moment calls none, and no other engine makes up for
 * it. What must happen belongs in a task. An error in a hook changes nothing about the run: it is reported and added to its log.
 */
export interface FlowHooks<Out = unknown> {
  /** The run was taken up for the first time. */
  readonly onStart?: (event: HookEvent) => unknown
  /** The run has come further by a percent or more. */
  readonly onProgress?: (event: HookEvent) => unknown
  /** The run has succeeded. */
  readonly onSuccess?: (event: SuccessEvent<Out>) => unknown
  /** The run has failed. */
  readonly onFailure?: (event: FailureEvent) => unknown
  /** The run was cancelled. */
  readonly onCancel?: (event: FailureEvent) => unknown
  /** The run has ended, however; after the hook of its status. */
  readonly onEnd?: (event: HookEvent) => unknown
}

const HOOKS = ['onStart', 'onProgress', 'onSuccess', 'onFailure', 'onCancel', 'onEnd'] as const

/** Name of a hook. */
export type HookName = (typeof HOOKS)[number]

/**
 * The hooks among the options of a flow, frozen; null when there are none.
 *
 * @throws {PerfectError} FLOW_DEFINITION_INVALID
 */
export function toFlowHooks(flowName: string, options: FlowHooks<never>): FlowHooks | null {
  const given = HOOKS.filter((name) => options[name] !== undefined)
  for (const name of given)
    if (typeof options[name] !== 'function')
      throw new PerfectError(
        'FLOW_DEFINITION_INVALID',
        `"${name}" of flow "${flowName}" is ${typeof options[name]}. Give a function.`,
        { details: { field: name, flow: flowName, value: typeof options[name] } },
      )
  if (given.length === 0) return null
  return Object.freeze(Object.fromEntries(given.map((name) => [name, options[name]]))) as FlowHooks
}
