import { PerfectError } from '../errors/perfect-error.ts'
import { toMs, type Duration } from '../primitives/duration.ts'
import { encodeValue } from '../primitives/value.ts'
import { flowScope } from './ambient.ts'
import type { FlowScope, SignalWait } from './flow-scope.ts'
import { checkTaskName } from './names.ts'
import type { SchemaOutput, StandardSchema } from './standard-schema.ts'

/** How a flow waits for a signal. */
export interface WaitForOptions<S extends StandardSchema | undefined = StandardSchema | undefined> {
  /**
   * What the signal has to carry. Who sends another one while the flow waits gets SIGNAL_INVALID; one that was sent before and does not
   * fit is left out, and noted in the log of the run. Default: anything.
   */
  readonly schema?: S
  /** Takes also signals that were sent to nobody in particular, with this text to match: an order number, for example. */
  readonly match?: string
  /** How long to wait; afterwards the wait gives `undefined`. Default: for ever. */
  readonly timeout?: Duration
}

/** How a flow waits for an approval. */
export interface ApprovalOptions {
  /** What is to be decided, in a few words, for the people who do. At most 200 characters. */
  readonly title?: string
  /** What there is to know for the decision: a cost, a link. Must be a value that can be stored. */
  readonly details?: unknown
  /** Who may decide: the answer has to say `by` with one of these. 1 to 100 names. Default: anybody. */
  readonly approvers?: readonly string[]
  /** How long to wait; afterwards the wait gives `undefined`. Default: for ever. */
  readonly timeout?: Duration
}

/** What somebody has decided. */
export interface Approval {
  readonly approved: boolean
  /** Who decided; null when not told. */
  readonly by: string | null
  readonly comment: string | null
}

const MAX_MATCH_CHARS = 200
const MAX_TITLE_CHARS = 200
const MAX_APPROVERS = 100
const NO_QUESTION = { title: null, details: null, approvers: null } as const

/**
 * Waits for a signal: somebody calls `engine.signalRun(runId, name, payload)`, or, with `match`, `engine.sendSignal(name, payload, { match })`.
 * A signal that was sent before is taken at once. A run that waits holds no slot and, after a while, no memory. Gives what the signal
 * carries, or `undefined` when the time is over.
 *
 * @throws {PerfectError} TASK_OUTSIDE_FLOW, TASK_DEFINITION_INVALID, DURATION_INVALID
 * @example
 * ```ts
 * const payment = await waitFor('paid', { match: order.id, timeout: '3d' })
 * ```
 */
export async function waitFor<S extends StandardSchema>(
  name: string,
  options: WaitForOptions<S> & { readonly schema: S },
): Promise<SchemaOutput<S> | undefined>
export async function waitFor<T = unknown>(name: string, options?: WaitForOptions<undefined>): Promise<T | undefined>
export async function waitFor(name: string, options: WaitForOptions = {}): Promise<unknown> {
  return waitIn(flowScope(), name, options)
}

/** {@link waitFor} in a place of a run. */
export async function waitIn(
  scope: FlowScope | undefined,
  name: string,
  options: WaitForOptions = {},
): Promise<unknown> {
  const { schema = null, match = null, timeout } = options
  if (match !== null && (typeof match !== 'string' || match === '' || match.length > MAX_MATCH_CHARS))
    throw new PerfectError(
      'TASK_DEFINITION_INVALID',
      `"match" of signal "${name}" must be text of 1 to ${String(MAX_MATCH_CHARS)} characters. Give for example an order number.`,
      { details: { field: 'match', name } },
    )
  return wait(scope, { kind: 'signal', name, schema, match, timeoutMs: toTimeout(timeout), ...NO_QUESTION })
}

/**
 * Waits until somebody approves or rejects: `engine.approve(runId, name, { approved: true })`, or a click in the dashboard. Gives the
 * decision, with who gave it, or `undefined` when the time is over.
 *
 * @throws {PerfectError} TASK_OUTSIDE_FLOW, TASK_DEFINITION_INVALID, DURATION_INVALID, VALUE_UNSERIALIZABLE
 * @example
 * ```ts
 * const decision = await approval('deploy', { title: 'Deploy 1.4 to production?', approvers: ['ada', 'grace'], timeout: '1d' })
 * if (decision?.approved !== true) return 'not deployed'
 * ```
 */
export async function approval(name: string, options: ApprovalOptions = {}): Promise<Approval | undefined> {
  return approvalIn(flowScope(), name, options)
}

/** {@link approval} in a place of a run. */
export async function approvalIn(
  scope: FlowScope | undefined,
  name: string,
  { timeout, title, details, approvers }: ApprovalOptions = {},
): Promise<Approval | undefined> {
  checkQuestion(name, title, approvers)
  const decision = await wait(scope, {
    kind: 'approval',
    name,
    schema: null,
    match: null,
    timeoutMs: toTimeout(timeout),
    title: title ?? null,
    details: details === undefined ? null : encodeValue(details, `details of approval "${name}"`),
    approvers: approvers === undefined ? null : [...approvers],
  })
  return decision as Approval | undefined
}

function checkQuestion(name: string, title: unknown, approvers: unknown): void {
  const isName = (text: unknown): boolean => typeof text === 'string' && text !== '' && text.length <= MAX_TITLE_CHARS
  const refuse = (field: string, need: string): PerfectError =>
    new PerfectError('TASK_DEFINITION_INVALID', `"${field}" of approval "${name}" must be ${need}.`, {
      details: { field, name },
    })
  const chars = `text of 1 to ${String(MAX_TITLE_CHARS)} characters`
  if (title !== undefined && !isName(title)) throw refuse('title', chars)
  if (approvers === undefined) return
  const isList = Array.isArray(approvers) && approvers.length > 0 && approvers.length <= MAX_APPROVERS
  if (!isList || !approvers.every(isName))
    throw refuse('approvers', `a list of 1 to ${String(MAX_APPROVERS)} names, each ${chars}`)
}

async function wait(scope: FlowScope | undefined, asked: SignalWait): Promise<unknown> {
  checkTaskName(asked.name)
  if (scope) return scope.waitFor(asked)
  throw new PerfectError(
    'TASK_OUTSIDE_FLOW',
    `"${asked.name}" is waited for outside of a flow that an engine runs, so nobody could send it. Wait in the code of a flow.`,
    { details: { name: asked.name } },
  )
}

function toTimeout(timeout: Duration | undefined): number | null {
  return timeout === undefined ? null : toMs(timeout, 'timeout')
}
