/* Flows without code here: remote workers run them. What is said of them comes as JSON, and is stored as JSON. */
import type { FlowHooks } from './flow-hooks.ts'
import { toFlowDefinition, type FlowDefinition, type FlowOptions, type PlannedTaskOptions } from './flow.ts'
import { checkByJsonSchema } from './json-schema.ts'
import type { FlowConcurrencyOptions, FlowLimits } from './limits.ts'
import type { RetryOptions } from './retry.ts'
import { checkStorable } from './schedules/schedule-json.ts'

/** How many runs of a flow of remote workers may run at a time. Kept over all engines that share a storage. */
export interface RemoteConcurrencyOptions {
  /** Runs of the flow. Range: >= 1. Default: any number. */
  readonly limit?: number
  /** Runs of the flow whose input has the same value in a field. */
  readonly perKey?: {
    /** Range: >= 1. */
    readonly limit: number
    /** Name of a field of the input. */
    readonly field: string
  }
}

/** A flow without code, registered over HTTP or by a worker; remote workers run it. */
export interface FlowRegistration extends Omit<
  FlowOptions,
  'plan' | 'concurrency' | 'priority' | 'retry' | 'output' | 'configurations' | keyof FlowHooks
> {
  readonly name: string
  readonly tasks?: readonly PlannedTaskOptions[]
  /** Runs of it that may run at a time, in all or by a field of the input. Default: as many as workers take. */
  readonly concurrency?: number | RemoteConcurrencyOptions
  /** Place in line among all runs: larger goes first. Range: -10..10. Default: 0. */
  readonly priority?: number
  /** How often a failed run is tried again, as a new run that keeps what succeeded. A number is the attempts in all. Default: once. */
  readonly retry?: number | Omit<RetryOptions, 'if'>
}

/**
 * Checks a flow that has no code here.
 *
 * @throws {PerfectError} FLOW_DEFINITION_INVALID, WEIGHT_INVALID, SCHEDULE_INVALID, DURATION_INVALID, RETRY_INVALID
 */
export function toRemoteDefinition({
  name,
  tasks,
  concurrency,
  priority,
  ...options
}: FlowRegistration): FlowDefinition {
  const definition = toFlowDefinition(
    name,
    {
      ...options,
      plan: tasks ?? [],
      ...(concurrency !== undefined && { concurrency: toConcurrency(concurrency) }),
      ...(priority !== undefined && { priority: () => priority }),
    },
    {
      input: options.inputSchema ? checkByJsonSchema(options.inputSchema) : null,
      hooks: null,
      run: null,
      fingerprint: null,
    },
  )
  for (const schedule of definition.schedules) checkStorable(schedule)
  const field = typeof concurrency === 'object' ? concurrency.perKey?.field : undefined
  return field === undefined
    ? definition
    : Object.freeze({ ...definition, limits: withField(definition.limits, field) })
}

function withField(limits: FlowLimits | null, field: string): FlowLimits | null {
  return limits?.perKey ? Object.freeze({ ...limits, perKey: { ...limits.perKey, field } }) : limits
}

/** What a definition without code was registered with, so that it can be stored. */
export function policyOf({ limits, timeoutMs, retry, priorityOf }: FlowDefinition): Partial<FlowRegistration> {
  const { attempts, backoff } = retry
  const { firstMs: first, factor, maxMs: max, jitter } = backoff
  const priority = priorityOf(undefined)
  const concurrency = {
    ...(limits !== null && limits.max !== null && { limit: limits.max }),
    ...(limits?.perKey &&
      limits.perKey.field !== null && { perKey: { limit: limits.perKey.max, field: limits.perKey.field } }),
  }
  return {
    ...(Object.keys(concurrency).length > 0 && { concurrency }),
    ...(limits?.rate && { rateLimit: { limit: limits.rate.max, per: limits.rate.perMs } }),
    ...(timeoutMs !== null && { timeout: timeoutMs }),
    ...(attempts > 1 && { retry: { attempts, backoff: { first, factor, max, jitter } } }),
    ...(priority !== 0 && { priority }),
  }
}

function toConcurrency(concurrency: number | RemoteConcurrencyOptions): number | FlowConcurrencyOptions {
  if (typeof concurrency === 'number' || concurrency.perKey === undefined)
    return concurrency as number | FlowConcurrencyOptions
  const { limit, field } = concurrency.perKey
  return { ...concurrency, perKey: { limit, key: (input: unknown) => fieldText(input, field) } }
}

/** A field of an input as text; what is not there counts as empty. */
function fieldText(input: unknown, field: string): string {
  const isThere = typeof input === 'object' && input !== null && Object.hasOwn(input, field)
  const value: unknown = isThere ? (input as Readonly<Record<string, unknown>>)[field] : ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
