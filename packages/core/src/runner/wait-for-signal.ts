import type { SignalWait } from '../definition/flow-scope.ts'
import type { Approval } from '../definition/waits.ts'
import type { TaskOutcome } from '../journal/run-writes.ts'
import { decodeValue, encodeValue } from '../primitives/value.ts'
import { approvalSignal } from '../storage/run-rules.ts'
import type { ScopeCall } from './run-scope.ts'
import type { CallEnd, TaskHost } from './run-task.ts'
import { fitSignal } from './signal-fit.ts'
import { toAskText } from './wait-ask.ts'

type WaitHost = Pick<TaskHost, 'journal' | 'clock' | 'dormant'>

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
  journal.begin(call, { kind: wait.kind, attempt: 1, estimatedMs: null, wait })
  const begun: TaskOutcome = {
    ...outcome,
    status: 'waiting',
    value: toAskText(wait),
    wakeAt: deadline,
    finishedAt: null,
  }
  if (!before && (await journal.record(begun)) === 'lost') return 'stopped'
  const signalName = wait.kind === 'approval' ? approvalSignal(wait.name) : wait.name
  let rejected: string | undefined
  for (;;) {
    const ask = { type: 'signal.await', task: key, name: signalName, match: wait.match } as const
    const receipt = await journal.exchange({ ...ask, ...(rejected !== undefined && { reject: rejected }) })
    if (receipt === 'lost') return 'stopped'
    rejected = undefined
    if (receipt.accepted && receipt.signal) {
      const { signal } = receipt
      const fit = await fitSignal(signal.value, wait)
      if (fit.ok) {
        if (wait.kind === 'approval') journal.note('info', decisionText(name, fit.value), key)
        return ended(fit.value)
      }
      const from = signal.by === null ? '' : ` of ${signal.by}`
      const why = `signal "${name}"${from} does not fit and is left out: ${fit.why}`
      journal.note('warn', why, key)
      journal.report(key, 0, why)
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

function decisionText(name: string, text: string): string {
  const { approved, by, comment } = decodeValue(text) as Approval
  const who = typeof by !== 'string' ? '' : ` by ${by}`
  return `approval "${name}" ${approved ? 'was given' : 'was refused'}${who}${comment ? `: ${comment}` : ''}`
}
