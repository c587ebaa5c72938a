import type { RunRecord } from '../records.ts'
import { byTurn, flowSlot, gateSlot, isAlive, isTimedRun } from '../run-rules.ts'
import type { ClaimableFlow } from '../storage.ts'
import { takenSlots } from './limits.ts'
import type { MemoryState } from './state.ts'

/** Runs that may be claimed now, all of them together, in the order of the line. */
export function claimableRuns(
  state: MemoryState,
  query: { readonly flows: readonly ClaimableFlow[]; readonly limit: number },
  now: number,
): readonly RunRecord[] {
  const flows = new Map(query.flows.map((flow) => [flow.id, flow]))
  const inLine = [...state.openRuns.values()]
    .map(({ record }) => record)
    .filter((run) => isDue(state, run, now))
    .toSorted(byTurn)
  // Places that the runs found so far will take.
  const planned = new Map<string, number>()
  const found: RunRecord[] = []
  for (const run of inLine) {
    const flow = flows.get(run.flowId)
    if (flow === undefined || (flow.onlyStarted === true && run.startedAt === null)) continue
    if (found.length >= query.limit) break
    const places = placesOf(run, flow)
    if (places.some(({ key, max }) => takenSlots(state, key, run.id) + (planned.get(key) ?? 0) >= max)) continue
    for (const { key } of places) if (!holds(state, run, key)) planned.set(key, (planned.get(key) ?? 0) + 1)
    found.push(run)
  }
  return found
}

function isDue({ engines }: MemoryState, run: RunRecord, now: number): boolean {
  const { engineId, pausedAt, status, wakeAt } = run
  const isFree = engineId === null || !isAlive(engines.get(engineId), now)
  return isFree && pausedAt === null && (!isTimedRun(status) || (wakeAt !== null && wakeAt <= now))
}

/** The limits that the storage knows of a run. */
function placesOf(run: RunRecord, { id, max, keyMax }: ClaimableFlow): readonly { key: string; max: number }[] {
  const places: { key: string; max: number }[] = []
  if (max !== undefined) places.push({ key: flowSlot(id), max })
  if (keyMax !== undefined && run.limitKey !== null) places.push({ key: flowSlot(id, run.limitKey), max: keyMax })
  if (run.gate !== null) places.push({ key: gateSlot(run.gate), max: 1 })
  return places
}

// A run of a dead engine still has its places.
function holds({ slotsOfRun }: MemoryState, { id }: RunRecord, key: string): boolean {
  return [...(slotsOfRun.get(id)?.values() ?? [])].some((slot) => slot.key === key)
}
