/*
 * Runs outlive the code that began them. A run whose flow has changed goes on with the version it began with, when that is registered
 * too (`pinned`); else with the new code, when a dry replay shows that it did the same so far (`compatible`); else it is held.
 */
import type { FlowDefinition } from '../definition/flow.ts'
import type { RunJournal } from '../journal/run-journal.ts'
import type { PutFlowVersion } from '../storage/changes.ts'
import type { FlowVersionRecord, RunRecord } from '../storage/records.ts'
import { OPEN_RUN_STATUSES } from '../storage/run-rules.ts'
import type { ActiveRunParts } from './active-run-parts.ts'
import type { EngineParts } from './engine-parts.ts'
import { inOrder, replayRun } from './replay-run.ts'

/** What becomes of an open run with the code that is registered now. */
export interface VersionVerdict {
  readonly runId: string
  readonly flowId: string
  /** Version that the run began with, or was last allowed to go on with. */
  readonly version: string
  /** `same`: nothing has changed; `pinned`, `compatible`: it goes on; `held`: somebody has to decide. */
  readonly verdict: 'same' | 'pinned' | 'compatible' | 'held'
  /** What is different; null when nothing is. */
  readonly text: string | null
}

/** Which runs to look at. */
export interface CheckVersionsQuery {
  /** Ids of flows. Default: all. */
  readonly flows?: readonly string[]
}

/** The verdicts of many runs. */
export interface VersionReport {
  /** Runs that are not `same`, oldest first. */
  readonly runs: readonly VersionVerdict[]
  /** Number of open runs that were looked at. */
  readonly checked: number
  /** Whether there are more open runs than were looked at. */
  readonly isPartial: boolean
}

const MAX_CHECKED = 1000
const PAGE = 200

/** Whether a run was begun by other code than the one that would go on with it. */
function hasChanged(run: RunRecord, definition: FlowDefinition): boolean {
  return run.fingerprint !== null && definition.fingerprint !== null && run.fingerprint !== definition.fingerprint
}

/**
 * Lets a claimed run go on with code that has changed since, or holds it. Gives whether it goes on.
 */
export async function admitVersion(parts: ActiveRunParts, journal: RunJournal): Promise<boolean> {
  const { run, definition } = journal
  if (!hasChanged(run, definition)) return true
  const facts = { definition, records: [...journal.records.values()] }
  const [first] = await replayRun(parts, run, facts, inOrder)
  if (first === undefined) {
    const { fingerprint, version } = definition
    journal.note('info', `the flow has changed; the run goes on with version ${version}`)
    await journal.update({ ...(fingerprint !== null && { fingerprint }), flowVersion: version })
    return true
  }
  journal.note('warn', `held, because the flow has changed: ${first.text}`)
  await journal.update({ status: 'waiting', reason: 'version', engineId: null, epochsWithoutProgress: 0 })
  return false
}

/** What would become of the open runs of all local flows. Nothing is run and nothing is written. */
export async function checkVersions(parts: EngineParts, { flows }: CheckVersionsQuery): Promise<VersionReport> {
  const { registry, storage } = parts
  const flowIds = registry.all().flatMap(({ id, run }) => (run === null || flows?.includes(id) === false ? [] : [id]))
  const verdicts: VersionVerdict[] = []
  let checked = 0
  let before: string | undefined
  while (flowIds.length > 0 && checked < MAX_CHECKED) {
    const query = { flowIds, statuses: OPEN_RUN_STATUSES, limit: PAGE, ...(before !== undefined && { before }) }
    const page = await storage.runs.list(query)
    for (const run of page) {
      // Its flow may be forgotten meanwhile.
      const current = registry.find(run.flowId)
      if (current) verdicts.push(await verdictOn(parts, run, current))
    }
    checked += page.length
    before = page.at(-1)?.id
    if (page.length < PAGE) return { runs: changed(verdicts), checked, isPartial: false }
  }
  return { runs: changed(verdicts), checked, isPartial: flowIds.length > 0 }
}

/** The writes that keep the history of the versions that are registered. */
export function versionChanges({ registry, clock }: EngineParts): readonly PutFlowVersion[] {
  const at = clock.now()
  return registry
    .versions()
    .flatMap(({ id: flowId, version, fingerprint }) =>
      fingerprint === null ? [] : [{ type: 'version.put', flowId, version, fingerprint, at }],
    )
}

/** Lets runs that were held for their version try again, with the code that is there now. */
export async function resumeHeld({ registry, storage, commit }: EngineParts): Promise<void> {
  const flowIds = registry.all().flatMap(({ id, run }) => (run === null ? [] : [id]))
  if (flowIds.length === 0) return
  const waiting = await storage.runs.list({ flowIds, statuses: ['waiting'], limit: MAX_CHECKED })
  const held = waiting.filter(({ reason }) => reason === 'version')
  if (held.length > 0)
    await commit.append(
      held.map(({ id }) => ({ type: 'run.resume', runId: id })),
      'impatient',
    )
}

/** Versions of a flow that were registered so far, the newest first. */
export function versionHistory(
  { storage, registry }: EngineParts,
  flow: string,
): Promise<readonly FlowVersionRecord[]> {
  return storage.flows.versions(registry.get(flow).id)
}

async function verdictOn(parts: EngineParts, run: RunRecord, current: FlowDefinition): Promise<VersionVerdict> {
  const { registry, storage } = parts
  const base = { runId: run.id, flowId: run.flowId, version: run.flowVersion, text: null }
  const definition = registry.forRun(run) ?? current
  if (!hasChanged(run, definition)) return { ...base, verdict: definition === current ? 'same' : 'pinned' }
  const facts = { definition, records: await storage.tasks.list(run.id) }
  const [first] = await replayRun(parts, run, facts, inOrder)
  return first === undefined ? { ...base, verdict: 'compatible' } : { ...base, verdict: 'held', text: first.text }
}

function changed(verdicts: readonly VersionVerdict[]): readonly VersionVerdict[] {
  return verdicts.filter(({ verdict }) => verdict !== 'same').toReversed()
}
