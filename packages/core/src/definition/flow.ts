import { PerfectError } from '../errors/perfect-error.ts'
import { toMs, type Duration } from '../primitives/duration.ts'
import { hashText } from '../primitives/fingerprint.ts'
import { flowScope } from './ambient.ts'
import type { ChildOptions } from './child-options.ts'
import { toFlowConfigurations, type ConfigurationChanges } from './configuration.ts'
import { createFlowContext, type FlowContext } from './flow-context.ts'
import { toFlowHooks, type FlowHooks } from './flow-hooks.ts'
import { toFlowLimits, type FlowConcurrencyOptions, type FlowLimits, type RateOptions } from './limits.ts'
import { checkFlowId, checkFlowName, checkTaskName, toFlowId } from './names.ts'
import { checkOutput } from './output.ts'
import { toRetention, type Retention, type RetentionOptions } from './retention.ts'
import { toRetryPolicy, type RetryOptions, type RetryPolicy } from './retry.ts'
import { toSchedules, type FlowSchedules, type Schedule } from './schedules/schedule.ts'
import { toJsonSchema, type SchemaInput, type SchemaOutput, type StandardSchema } from './standard-schema.ts'
import { checkWeight, type TaskDefinition } from './task.ts'

/** A task that a flow is known to run, so that progress has its denominator before the first task. */
export interface PlannedTaskOptions {
  readonly name: string
  /** Range: > 0. Default: 1. */
  readonly weight?: number
  readonly estimatedTime?: Duration
}

/** A checked planned task. */
export interface PlannedTask {
  readonly name: string
  readonly weight: number
  readonly estimatedMs: number | null
  /** The weight depends on the arguments: until the first call nobody knows it. */
  readonly isOpen: boolean
}

/** What a flow is, apart from its code. */
export interface FlowOptions<Out = unknown> extends FlowSchedules, FlowHooks<Out> {
  /** Identifier in URLs. Default: made from the name, `"ETL Pipeline"` is `etl-pipeline`. */
  readonly id?: string
  readonly description?: string
  /** Default: `"1"`. */
  readonly version?: string
  readonly tags?: readonly string[]
  /** Runs of it that may run at a time, in all or by key. Default: as many as the engine drives. */
  readonly concurrency?: number | FlowConcurrencyOptions
  /** How often its runs may start. Default: at once. */
  readonly rateLimit?: RateOptions
  /** Place in line among all runs, also by the input: larger goes first. Range: -10..10. Default: 0. */
  readonly priority?: number | ((input: never) => number)
  /**
   * How often a failed run is tried again, as a new run that keeps what succeeded; {@link RunHandle.result} waits for the last one. A
   * number is the attempts in all. Default: once.
   */
  readonly retry?: number | RetryOptions
  /** How long a run may take from its first start, waiting included; then it fails with `RUN_TIMEOUT`. Default: as long as it needs. */
  readonly timeout?: Duration
  /** Schema of the result: any library that follows the Standard Schema specification. A result that does not fit fails the run. */
  readonly output?: StandardSchema
  /** How long its ended runs are kept. Default: what the engine says. */
  readonly retention?: RetentionOptions
  /** What is different in configurations of the engine for its runs, by their names. Default: nothing. */
  readonly configurations?: Readonly<Record<string, ConfigurationChanges>>
  /** The tasks that a run is expected to call, in order. Each name once; a task or map of this name shares its weight. */
  readonly plan?: readonly (PlannedTaskOptions | { readonly taskName: string; readonly definition: TaskDefinition })[]
  /**
   * What happens in `release` when a replay calls a recorded task with other arguments: `strict` fails the run, `warn` notes it in the log
   * and takes the recorded result. Other configurations are always strict. Default: `strict`.
   */
  readonly replay?: 'strict' | 'warn'
  /** JSON Schema of the input, for forms and other languages. Default: asked from `input`, when its library can tell. */
  readonly inputSchema?: Readonly<Record<string, unknown>>
}

/** Options with a schema for the input: any library that follows the Standard Schema specification. */
export type FlowOptionsWithInput<S extends StandardSchema, Out = unknown> = FlowOptions<Out> & { readonly input: S }

/** A checked flow. */
export interface FlowDefinition {
  readonly id: string
  readonly name: string
  readonly description: string | null
  readonly version: string
  readonly tags: readonly string[]
  readonly schedules: readonly Schedule[]
  readonly plan: readonly PlannedTask[]
  /** null when it has none. */
  readonly limits: FlowLimits | null
  /** Priority of a run with this input. */
  readonly priorityOf: (input: unknown) => number
  readonly retry: RetryPolicy
  /** null: as long as it needs. Unit: ms. Range: >= 0. */
  readonly timeoutMs: number | null
  /** null: what the engine says. */
  readonly retention: Retention | null
  /** null when it changes none. */
  readonly configurations: ReadonlyMap<string, ConfigurationChanges> | null
  readonly replay: 'strict' | 'warn'
  /** Shape of its code: changes when the text of its function does. null for a flow without code. */
  readonly fingerprint: string | null
  readonly inputSchema: Readonly<Record<string, unknown>> | null
  readonly input: StandardSchema | null
  /** null when it has none. */
  readonly hooks: FlowHooks | null
  /** null when remote workers run it. */
  readonly run: ((input: unknown) => unknown) | null
}

/**
 * A durable workflow. Called directly it runs as a plain function, without an engine; triggered through one it is durable; called by a flow
 * that an engine runs it is a run of its own, for whose end the caller waits.
 */
export interface Flow<In, Out> {
  (input: In): Promise<Out>
  readonly flowName: string
  readonly definition: FlowDefinition
  /**
   * The same call with options, for flows that call it. Called outside of a run it runs as a plain function.
   *
   * @throws {PerfectError} WEIGHT_INVALID
   */
  with(options: ChildOptions): (input: In) => Promise<Out>
}

type FlowCode<R> = (input: unknown, context: FlowContext) => R | Promise<R>

/**
 * Makes a flow of a function. It gets the input, and the calls of the flow in their explicit form, for code where the async context is
 * lost.
 *
 * @throws {PerfectError} FLOW_DEFINITION_INVALID, TASK_DEFINITION_INVALID, WEIGHT_INVALID, SCHEDULE_INVALID, DURATION_INVALID, RETRY_INVALID
 * @example
 * ```ts
 * const nightly = flow('nightly', { schedule: '0 3 * * *', plan: [load, report] }, async () => report(await load()))
 * ```
 */
export function flow<S extends StandardSchema, R>(
  name: string,
  options: FlowOptionsWithInput<S, NoInfer<Awaited<R>>>,
  run: (input: SchemaOutput<S>, context: FlowContext) => R | Promise<R>,
): Flow<SchemaInput<S>, Awaited<R>>
export function flow<In = void, R = unknown>(
  name: string,
  options: FlowOptions<NoInfer<Awaited<R>>>,
  run: (input: In, context: FlowContext) => R | Promise<R>,
): Flow<In, Awaited<R>>
export function flow<In = void, R = unknown>(
  name: string,
  run: (input: In, context: FlowContext) => R | Promise<R>,
): Flow<In, Awaited<R>>
export function flow<R>(
  name: string,
  ...rest: readonly [FlowCode<R>] | readonly [FlowOptions<never> & { readonly input?: StandardSchema }, FlowCode<R>]
): Flow<unknown, Awaited<R>> {
  const [options, run] = rest.length === 1 ? [{}, rest[0]] : rest
  if (typeof run !== 'function')
    throw new PerfectError('FLOW_DEFINITION_INVALID', `Flow "${name}" has no function. Give it as the last argument.`, {
      details: { field: 'run', value: typeof run },
    })
  const hooks = toFlowHooks(name, options)
  const { output } = options
  // No promise of its own where none is needed: each run waits in here as long as it runs.
  const runHere = (input: unknown): unknown => {
    const result = run(input, createFlowContext(flowScope()))
    return output === undefined ? result : Promise.resolve(result).then((value) => checkOutput(name, output, value))
  }
  const callWith =
    (childOptions: ChildOptions) =>
    async (input: unknown): Promise<Awaited<R>> => {
      const scope = flowScope()
      // Called by another flow it is a run of its own.
      return (scope ? await scope.child(definition, input, childOptions) : await runHere(input)) as Awaited<R>
    }
  const call = callWith({})
  const fingerprint = hashText(Function.prototype.toString.call(run))
  const definition = toFlowDefinition(name, options, { input: options.input ?? null, hooks, run: runHere, fingerprint })
  const callWithChecked = (childOptions: ChildOptions): ReturnType<typeof callWith> => {
    if (childOptions.weight !== undefined) checkWeight(childOptions.weight, name)
    return callWith({ ...childOptions })
  }
  return Object.freeze(Object.assign(call, { flowName: name, definition, with: callWithChecked }))
}

/** Checks what is said of a flow. */
export function toFlowDefinition(
  name: string,
  options: Omit<FlowOptions, keyof FlowHooks>,
  code: Pick<FlowDefinition, 'input' | 'hooks' | 'run' | 'fingerprint'>,
): FlowDefinition {
  checkFlowName(name)
  if (options.id !== undefined) checkFlowId(options.id)
  const id = options.id ?? toFlowId(name)
  return Object.freeze({
    id,
    name,
    description: options.description ?? null,
    version: options.version ?? '1',
    tags: Object.freeze([...(options.tags ?? [])]),
    schedules: toSchedules(id, options),
    plan: toPlan(name, options.plan ?? []),
    limits: toFlowLimits(name, options.concurrency, options.rateLimit),
    priorityOf: toPriorityOf(options.priority),
    retry: toRetryPolicy(options.retry),
    timeoutMs: options.timeout === undefined ? null : toMs(options.timeout, 'timeout'),
    retention: options.retention === undefined ? null : toRetention(options.retention),
    configurations: options.configurations === undefined ? null : toFlowConfigurations(options.configurations),
    replay: options.replay ?? 'strict',
    inputSchema: options.inputSchema ?? (code.input && toJsonSchema(code.input)),
    ...code,
  })
}

function toPlan(flowName: string, plan: NonNullable<FlowOptions['plan']>): readonly PlannedTask[] {
  const tasks = plan.map((item) => ('taskName' in item ? plannedFromTask(item.definition) : plannedFromOptions(item)))
  const names = new Set<string>()
  for (const { name } of tasks) {
    if (names.has(name))
      throw new PerfectError(
        'FLOW_DEFINITION_INVALID',
        `Task "${name}" is planned twice in flow "${flowName}". Plan each name once; its calls share the weight.`,
        { details: { field: 'plan', flow: flowName, value: name } },
      )
    names.add(name)
  }
  return Object.freeze(tasks)
}

function plannedFromTask(definition: TaskDefinition): PlannedTask {
  const { name, isWeightOfArguments: isOpen } = definition
  return Object.freeze({
    name,
    // A weight or estimate that depends on the arguments is not known before the call.
    weight: known(() => definition.weightOf([])) ?? 1,
    estimatedMs: known(() => definition.estimatedMsOf([])),
    isOpen,
  })
}

function known<T>(read: () => T): T | null {
  try {
    return read()
  } catch {
    return null
  }
}

function plannedFromOptions({ name, weight = 1, estimatedTime }: PlannedTaskOptions): PlannedTask {
  checkTaskName(name)
  return Object.freeze({
    name,
    weight: checkWeight(weight, name),
    estimatedMs: estimatedTime === undefined ? null : toMs(estimatedTime, 'estimatedTime'),
    isOpen: false,
  })
}

// One function for all flows without a priority: two definitions that say the same are equal.
const usualPriority = (): number => 0

function toPriorityOf(priority: FlowOptions['priority']): FlowDefinition['priorityOf'] {
  if (priority === undefined) return usualPriority
  return typeof priority === 'function' ? (input) => priority(input as never) : () => priority
}
