import type { ActionsView } from '../errors/action-view.ts'
import { PerfectError, type ErrorDetails } from '../errors/perfect-error.ts'
import { tryAction } from '../errors/try-action.ts'
import { encodeValue } from '../primitives/value.ts'
import { fitSignal, type SignalRule } from '../runner/signal-fit.ts'
import { readAsk } from '../runner/wait-ask.ts'
import type { SignalRecord } from '../storage/records.ts'
import type { ApprovalAction } from './action-views.ts'
import type { EngineParts } from './engine-parts.ts'
import type { PendingApproval } from './pending-approvals.ts'
import { findWait } from './replay-run.ts'

/**
 * Refuses a signal that an open wait would take and could not use. One for which nobody waits yet is not judged: it is kept, and left out
 * when it does not fit in the end. The schema of a wait is known to the process that has the code of its flow.
 *
 * @throws {PerfectError} SIGNAL_INVALID, APPROVER_NOT_ALLOWED, STORAGE_UNAVAILABLE
 */
export async function checkSignal(parts: EngineParts, signal: SignalRecord): Promise<void> {
  const taker = await parts.storage.signals.taker(signal)
  if (taker === undefined) return
  const { runId, key } = taker
  const rule = parts.active.journal(runId)?.live.find(key)?.wait ?? (await ruleOf(parts, taker))
  const fit = rule && (await fitSignal(signal.value, rule))
  if (!fit || fit.ok || (await isKnown(parts, runId, signal.id))) return
  const details = { runId, task: key, name: rule.name, errors: fit.errors }
  if (fit.isForbidden) throw notAllowed(runId, rule.name, fit.why, details)
  throw new PerfectError(
    'SIGNAL_INVALID',
    `The signal does not fit what run ${runId} waits for in "${rule.name}": ${fit.why}. Send what the wait asks for.`,
    { details },
  )
}

/** What can be done with an approval by somebody of this name; without one, by nobody in particular. Changes nothing. */
export async function approvalActions(
  { runId, name, approvers }: PendingApproval,
  by: string | undefined,
): Promise<ActionsView<ApprovalAction>> {
  const decision = encodeValue({ approved: true, by: by ?? null }, `signal "${name}"`)
  const fit = await fitSignal(decision, { kind: 'approval', name, schema: null, approvers })
  const answer = await tryAction(() => {
    if (!fit.ok) throw notAllowed(runId, name, fit.why)
  })
  return { answer }
}

function notAllowed(runId: string, name: string, why: string, details: ErrorDetails = {}): PerfectError {
  const message = `Approval "${name}" of run ${runId}: ${why}. Let one of them decide, and tell who in "by".`
  return new PerfectError('APPROVER_NOT_ALLOWED', message, { details })
}

/** What the wait of a run that is not driven here asks for, as far as it can be told. */
async function ruleOf(
  parts: EngineParts,
  { runId, key }: { readonly runId: string; readonly key: string },
): Promise<SignalRule | undefined> {
  const { storage, registry } = parts
  const [run, records] = await Promise.all([storage.runs.get(runId), storage.tasks.list(runId)])
  const record = records.find((one) => one.key === key)
  if (run === undefined || record === undefined) return undefined
  const { approvers, hasSchema } = readAsk(record)
  if (record.kind === 'approval') return { kind: 'approval', name: record.name, schema: null, approvers }
  const definition = hasSchema ? registry.forRun(run) : undefined
  if (definition === undefined || definition.run === null) return undefined
  return findWait(parts, run, { definition, records }, key)
}

// Sent once more, a signal changes nothing, whatever is waited for now.
async function isKnown({ storage }: EngineParts, runId: string, id: string): Promise<boolean> {
  const signals = await storage.signals.list(runId)
  return signals.some((signal) => signal.id === id)
}
