/* Replays of stored runs: proof that a flow decides by what is recorded, and whether new code can go on with old runs. */
import { configurationOf } from '../definition/configuration.ts'
import type { SignalWait } from '../definition/flow-scope.ts'
import type { FlowDefinition } from '../definition/flow.ts'
import { PerfectError } from '../errors/perfect-error.ts'
import { GroupCommit } from '../journal/group-commit.ts'
import { NOTHING_LEARNED } from '../journal/learned-plan.ts'
import { RunJournal } from '../journal/run-journal.ts'
import { decodeValue } from '../primitives/value.ts'
import { ReplayProof, type ReplayDifference } from '../runner/replay-proof.ts'
import type { RunRecord, TaskRecord } from '../storage/records.ts'
import { checkEnded } from './action-rules.ts'
import type { ActiveRunParts } from './active-run-parts.ts'
import type { EngineParts } from './engine-parts.ts'

/** What a proof found. */
export interface ReplayReport {
  /** Whether every replay did what the run did. */
  readonly ok: boolean
  /** Number of orders in which results were handed over. */
  readonly orders: number
  /** What was different, each once. */
  readonly differences: readonly ReplayDifference[]
}

/** How a proof is made. */
export interface VerifyReplayOptions {
  /** Orders to try; the first is the one of the run. Range: 1..1,000. Default: 10. */
  readonly orders?: number
}

const DEFAULT_ORDERS = 10
const MAX_ORDERS = 1000

type ReplayParts = Pick<ActiveRunParts, 'storage' | 'clock' | 'configurations'>

interface ReplayFacts {
  readonly definition: FlowDefinition
  readonly records: readonly TaskRecord[]
}

/** What a flow does differently with the journal of a run. Nothing is run and nothing is written. */
export async function replayRun(
  parts: ReplayParts,
  run: RunRecord,
  facts: ReplayFacts,
  order: (position: number) => number,
): Promise<readonly ReplayDifference[]> {
  const [input, result] = await Promise.all([parts.storage.runs.input(run.id), parts.storage.runs.result(run.id)])
  const proof = new ReplayProof(readOnlyJournal(parts, run, facts), parts.clock, order)
  return proof.differences(input === null ? undefined : decodeValue(input), result)
}

/** What an open wait of a run asks for. Nothing is run and nothing is written. */
export async function findWait(
  parts: ReplayParts,
  run: RunRecord,
  facts: ReplayFacts,
  key: string,
): Promise<SignalWait | undefined> {
  const input = await parts.storage.runs.input(run.id)
  const proof = new ReplayProof(readOnlyJournal(parts, run, facts), parts.clock, inOrder)
  await proof.differences(input === null ? undefined : decodeValue(input), null)
  return proof.openWaits.get(key)
}

/** A journal that is only asked, never written to. */
function readOnlyJournal(
  { storage, clock, configurations }: ReplayParts,
  run: RunRecord,
  { definition, records }: ReplayFacts,
): RunJournal {
  const configuration = configurationOf(configurations, run.configuration, definition.configurations)
  const observer = { runChanged() {}, taskChanged() {}, taskRecorded() {}, logged() {}, closed() {} }
  const held = { ...run, engineId: run.engineId ?? 'replay' }
  const commit = new GroupCommit(storage, clock)
  return new RunJournal(
    { commit, clock, observer },
    { definition, configuration, learned: NOTHING_LEARNED },
    held,
    records,
  )
}

/**
 * Replays an ended run against its own journal, in its own order and in others.
 *
 * @throws {PerfectError} RUN_NOT_FOUND, RUN_NOT_FINISHED, FLOW_NOT_FOUND, REQUEST_INVALID
 */
export async function verifyReplay(
  parts: EngineParts,
  runId: string,
  { orders = DEFAULT_ORDERS }: VerifyReplayOptions,
): Promise<ReplayReport> {
  if (!Number.isInteger(orders) || orders < 1 || orders > MAX_ORDERS)
    throw new PerfectError('REQUEST_INVALID', `"orders" is ${String(orders)}. Give a whole number from 1 to 1,000.`, {
      details: { field: 'orders', value: String(orders) },
    })
  const run = await parts.queries.record(runId)
  const { definition, records } = await checkProvable(parts, run, () => parts.storage.tasks.list(runId))
  const found = new Map<string, ReplayDifference>()
  for (let order = 0; order < orders; order++) {
    const facts = { definition, records }
    for (const difference of await replayRun(parts, run, facts, order === 0 ? inOrder : shuffled(order)))
      found.set(JSON.stringify([difference.kind, difference.key]), difference)
  }
  return { ok: found.size === 0, orders, differences: [...found.values()] }
}

/** What a proof needs of a run. @throws {PerfectError} RUN_NOT_FINISHED, FLOW_NOT_FOUND, REQUEST_INVALID */
export async function checkProvable(
  parts: EngineParts,
  run: RunRecord,
  read: () => Promise<readonly TaskRecord[]>,
): Promise<ReplayFacts> {
  checkEnded(run)
  const definition = localDefinition(parts, run)
  const records = await read()
  checkValues(run, records)
  return { definition, records }
}

/** @throws {PerfectError} REQUEST_INVALID when the results of the run's tasks were not kept. */
export function checkValues(run: RunRecord, records: readonly TaskRecord[]): void {
  if (records.every(hasValue)) return
  throw new PerfectError(
    'REQUEST_INVALID',
    `The results of the tasks of run ${run.id} were not kept (configuration "${run.configuration}"). Retry it from "start", or give its configuration keepTaskResults.`,
    { details: { field: 'from', runId: run.id, configuration: run.configuration } },
  )
}

// Tasks and flows always give something to store; sleeps, undoing and signals without a payload do not.
function hasValue({ kind, status, value }: TaskRecord): boolean {
  return status !== 'succeeded' || value !== null || (kind !== 'task' && kind !== 'child')
}

/** The order of the run itself. */
export const inOrder = (position: number): number => position

/** Some other order; the same for the same seed. */
function shuffled(seed: number): (position: number) => number {
  return (position) => {
    let hash = Math.imul(position + 1, 0x9e3779b1) ^ Math.imul(seed, 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
    return (hash ^ (hash >>> 12)) >>> 0
  }
}

function localDefinition({ registry }: EngineParts, run: RunRecord): FlowDefinition {
  const definition = registry.forRun(run) ?? registry.get(run.flowId)
  if (definition.run !== null) return definition
  throw new PerfectError(
    'FLOW_NOT_FOUND',
    `The code of flow "${definition.name}" is not in this process: remote workers run it. Verify its replays with the SDK of the worker.`,
    { details: { flow: definition.id } },
  )
}
