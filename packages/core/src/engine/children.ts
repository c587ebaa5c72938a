/* Runs that the flows of other runs have started. */
import { PerfectError } from '../errors/perfect-error.ts'
import { hashText } from '../primitives/fingerprint.ts'
import type { ChildCall, ChildRun, Children } from '../runner/call-child.ts'
import type { RunRecord } from '../storage/records.ts'
import { announceCancel } from './cancel-run.ts'
import { cancellations, openDescendants } from './descendants.ts'
import type { EngineParts } from './engine-parts.ts'
import { readPatiently } from './patient-read.ts'
import { hasEnded } from './run-outcomes.ts'
import { triggerRun } from './trigger-run.ts'

/** What runs ask the engine about the runs they start. */
export function createChildren(parts: () => EngineParts): Children {
  return {
    start: (parent, call) => readPatiently(parts(), () => startChild(parts(), parent, call)),
    find: (runId) => readPatiently(parts(), () => findChild(parts(), runId)),
    cancelAll: (parent) => cancelDescendants(parts(), parent),
  }
}

async function findChild(parts: EngineParts, runId: string): Promise<ChildRun | undefined> {
  const { storage } = parts
  const run = await storage.runs.get(runId)
  if (run?.status === 'cancelled' && run.parentRunId !== null) await hearCancel(parts, run.parentRunId)
  return run && { run, result: hasEnded(run) ? await storage.runs.result(runId) : null }
}

/** A child may have been cancelled with its parent, by another process of whose request this one has not heard. */
async function hearCancel(parts: EngineParts, parentId: string): Promise<void> {
  const parent = await parts.storage.runs.get(parentId)
  const held = parts.active.journal(parentId)?.run
  const isHeld = held?.epoch === parent?.epoch && held?.engineId === parent?.engineId
  if (parent && isHeld && parent.cancelRequestedAt !== null && held?.cancelRequestedAt === null)
    announceCancel(parts, parent, parts.clock.now())
}

async function startChild(
  parts: EngineParts,
  parent: RunRecord,
  { definition: called, input, key, options }: ChildCall,
): Promise<RunRecord> {
  const { id: flowId, version: flowVersion, name } = called
  // Without code it only names the flow.
  const definition = called.run === null ? (parts.registry.find(name) ?? parts.registry.find(flowId)) : called
  if (definition === undefined || (called.run !== null && parts.registry.forRun({ flowId, flowVersion }) !== called))
    throw new PerfectError(
      'FLOW_NOT_FOUND',
      `Flow "${name}" is called by run ${parent.id}, and is not registered. Register it with engine.registerFlow() before.`,
      { details: { flow: flowId } },
    )
  const { configuration = parent.configuration, priority, tags, attributes } = options
  return triggerRun(
    parts,
    definition,
    {
      input,
      configuration,
      ...(priority !== undefined && { priority }),
      ...(tags && { tags }),
      ...(attributes && { attributes }),
      idempotencyKey: `child:${parent.id}:${hashText(key)}`,
      trigger: { kind: 'parent', by: parent.id },
    },
    { parentRunId: parent.id, parentKey: key },
  )
}

/** Ends the open runs that a run has started, which has ended or is to end. An engine that stops leaves it to the one that takes over. */
async function cancelDescendants(parts: EngineParts, parent: RunRecord): Promise<void> {
  try {
    const runs = await readPatiently(parts, () => openDescendants(parts, parent.id))
    if (runs.length === 0) return
    const at = parts.clock.now()
    const facts = { at, reason: `run ${parent.id}, which started it, has ended` }
    const receipts = await parts.commit.append(cancellations(runs, facts), 'patient')
    for (const receipt of receipts) if (receipt.accepted && receipt.run) announceCancel(parts, receipt.run, at)
  } catch (error) {
    if (!parts.commit.isClosed) parts.report(error, `ending the runs that run ${parent.id} has started`)
  }
}
