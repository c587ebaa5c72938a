import type { Approval } from '../definition/waits.ts'
import { PerfectError } from '../errors/perfect-error.ts'
import { encodeValue } from '../primitives/value.ts'
import type { SignalRecord } from '../storage/records.ts'
import { approvalSignal } from '../storage/run-rules.ts'
import { alreadyEnded } from './action-rules.ts'
import { checkSignal } from './check-signal.ts'
import type { EngineParts } from './engine-parts.ts'

/** How a signal is sent. */
export interface SignalOptions {
  /** Sending the same id again changes nothing. At most 200 characters. Default: a new one. */
  readonly id?: string
  /** Who sends it. */
  readonly by?: string
}

/** What became of a signal. */
export interface SentSignal {
  readonly id: string
  /** The run that took it at once; null while nobody waits for it: then it is kept. */
  readonly takenBy: string | null
}

/** A decision, as somebody gives it. */
export type ApprovalAnswer = Pick<Approval, 'approved'> & Partial<Approval>

const MAX_CHARS = 200

/** To whom a signal is sent. */
export type SignalAddress =
  | { readonly runId: string; readonly match: null }
  | { readonly runId: null; readonly match: string }

/**
 * Sends a signal to a run, or to whoever waits for one that matches.
 *
 * @throws {PerfectError} RUN_NOT_FOUND, RUN_FINISHED, SIGNAL_INVALID, APPROVER_NOT_ALLOWED, REQUEST_INVALID, VALUE_UNSERIALIZABLE, STORAGE_UNAVAILABLE
 */
export async function sendSignal(
  parts: EngineParts,
  address: SignalAddress,
  { name, payload, options }: { readonly name: string; readonly payload: unknown; readonly options: SignalOptions },
): Promise<SentSignal> {
  const { ids, clock, commit, queries } = parts
  checkText('name', name)
  if (address.match !== null) checkText('match', address.match)
  if (options.id !== undefined) checkText('id', options.id)
  const signal: SignalRecord = {
    ...address,
    id: options.id ?? ids.next('sig'),
    name,
    value: payload === undefined ? null : encodeValue(payload, `signal "${name}"`),
    sentAt: clock.now(),
    by: options.by ?? null,
    takenBy: null,
  }
  await checkSignal(parts, signal)
  const [receipt] = await commit.append([{ type: 'signal.send', signal }], 'impatient')
  if (!receipt?.accepted) {
    if (receipt?.refusal === 'duplicate') return { id: signal.id, takenBy: null }
    throw alreadyEnded('signal', await queries.record(address.runId ?? ''))
  }
  const taker = receipt.signal?.takenBy
  if (!taker) return { id: signal.id, takenBy: null }
  if (receipt.run) parts.observed.runs.signalSent(receipt.run.flowId)
  tellTaker(parts, taker)
  return { id: signal.id, takenBy: taker.runId }
}

/** @throws {PerfectError} REQUEST_INVALID, RUN_NOT_FOUND, RUN_FINISHED, STORAGE_UNAVAILABLE */
export function answerApproval(
  parts: EngineParts,
  { runId, name }: { readonly runId: string; readonly name: string },
  { approved, by = null, comment = null }: ApprovalAnswer,
): Promise<SentSignal> {
  checkText('name', name)
  if (typeof approved !== 'boolean')
    throw new PerfectError('REQUEST_INVALID', `"approved" is ${JSON.stringify(approved)}. Give true or false.`, {
      details: { field: 'approved', value: String(approved) },
    })
  const signal = { name: approvalSignal(name), payload: { approved, by, comment }, options: by === null ? {} : { by } }
  return sendSignal(parts, { runId, match: null }, signal)
}

/** The run that took a signal goes on: here at once, elsewhere when its engine looks. */
function tellTaker(
  { active, dispatcher, workers }: EngineParts,
  { runId, key }: { readonly runId: string; readonly key: string },
): void {
  const execution = active.execution(runId)
  if (execution) execution.poke(key)
  else {
    dispatcher.wake()
    workers.wake()
  }
}

function checkText(field: string, text: unknown): void {
  if (typeof text === 'string' && text !== '' && text.length <= MAX_CHARS) return
  throw new PerfectError(
    'REQUEST_INVALID',
    `"${field}" of the signal must be text of 1 to ${String(MAX_CHARS)} characters, not ${text === undefined ? 'nothing' : JSON.stringify(text)}.`,
    { details: { field } },
  )
}
