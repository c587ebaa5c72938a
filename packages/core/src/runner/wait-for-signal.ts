import type { SignalWait } from '../definition/flow-scope.ts'
import { toPointer } from '../definition/standard-schema.ts'
import { PerfectError } from '../errors/perfect-error.ts'
import { serializeError } from '../errors/serialized-error.ts'
import type { TaskOutcome } from '../journal/run-writes.ts'
import { decodeValue, encodeValue } from '../primitives/value.ts'
import type { SignalRecord } from '../storage/records.ts'
import { approvalSignal } from '../storage/run-rules.ts'
import type { ScopeCall } from './run-scope.ts'
import type { CallEnd, TaskHost } from './run-task.ts'

type WaitHost = Pick<TaskHost, 'journal' | 'clock' | 'dormant'>

type Checked = { readonly ok: true; readonly value: string } | { readonly ok: false; readonly why: string }

/** Waits for a signal that a call of flow code asks for, until it is there or its time is over. */
export async function waitForSignal(host: WaitHost, call: ScopeCall, wait: SignalWait): Promise<CallEnd> {
  const { journal, clock } = host
  const known = journal.records.get(call.key)
  const before = known?.origin === 'copied' ? undefined : known
  const startedAt = before?.startedAt ?? clock.now()
  const deadline = before ? before.wakeAt : wait.timeoutMs === null ? null : startedAt + wait.timeoutMs
  const { key, name, weight } = call
  const outcome = { key, name, kind: wait.kind, attempt: 1, weight, estimatedMs: null, startedAt, error: null } as const
  const ended = (value: string): Promise<CallEnd> => end(host, { ...outcome, status: 'succeeded', value, wakeAt: null })
  journal.begin(call, { kind: wait.kind, attempt: 1, estimatedMs: null })
  const begun: TaskOutcome = { ...outcome, status: 'waiting', value: null, wakeAt: deadline, finishedAt: null }
  if (!before && (await journal.record(begun)) === 'lost') return 'stopped'
  const signalName = wait.kind === 'approval' ? approvalSignal(wait.name) : wait.name
  let rejected: string | undefined
  for (;;) {
    const ask = { type: 'signal.await', task: key, name: signalName, match: wait.match } as const
    const receipt = await journal.exchange({ ...ask, ...(rejected !== undefined && { reject: rejected }) })
    if (receipt === 'lost') return 'stopped'
    rejected = undefined
    if (receipt.accepted && receipt.signal) {
      const checked = await check(receipt.signal, wait)
      if (checked.ok) return ended(checked.value)
      journal.note('warn', `signal "${name}" does not fit and is left out: ${checked.why}`, key)
      rejected = receipt.signal.id
      continue
    }
    const over = await host.dormant({ wakeAt: deadline, kind: wait.kind, key })
    if (over === 'stopped') return 'stopped'
    if (over === 'poked') continue
    const closed = await journal.exchange({ type: 'signal.close', task: key })
    if (closed === 'lost') return 'stopped'
    // A signal that came in the same moment is taken after all.
    if (closed.accepted) return ended(encodeValue(undefined, 'no signal'))
  }
}

function end({ journal, clock }: WaitHost, outcome: Omit<TaskOutcome, 'finishedAt'>): Promise<CallEnd> {
  return journal.record({ ...outcome, finishedAt: clock.now() })
}

async function check({ value }: SignalRecord, { schema, name }: SignalWait): Promise<Checked> {
  const text = value ?? encodeValue(undefined, `signal "${name}"`)
  if (schema === null) return { ok: true, value: text }
  try {
    const result = await schema['~standard'].validate(decodeValue(text))
    if (!result.issues) return { ok: true, value: encodeValue(result.value, `signal "${name}"`) }
    return { ok: false, why: result.issues.map((issue) => `${toPointer(issue)}: ${issue.message}`).join('; ') }
  } catch (error) {
    return { ok: false, why: PerfectError.is(error) ? error.message : serializeError(error).message }
  }
}
