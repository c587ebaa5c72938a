import { FlowEngine, type Flow, type RunDetailView, type RunHandle, type Storage } from '@perfect/core'

import { faultyStorage, type FaultPlan } from '../../src/testing/faulty-storage.ts'
import { ManualClock } from '../../src/testing/manual-clock.ts'

/** A storage of which one engine can die while the test and the next engine still use it. */
function keptOpen(storage: Storage): Storage {
  return { ...storage, close: () => Promise.resolve() }
}

const ROUNDS = 200
const ROUND_MS = 10

/**
 * Runs a flow until it ends or its engine dies by the plan; gives the number of commits so far.
 *
 * @param meanwhile Called again and again while the run goes on, for example to cancel it.
 */
export async function runUntilFault(
  kept: Storage,
  definition: Flow<void, unknown>,
  plan: FaultPlan | null,
  meanwhile: (run: RunHandle) => void = () => undefined,
): Promise<number> {
  const clock = new ManualClock()
  const faulty = faultyStorage(keptOpen(kept), plan)
  const engine = new FlowEngine({ storage: faulty, clock, onError: () => undefined })
  engine.registerFlow(definition)
  const state: { isOver: boolean; run?: RunHandle } = { isOver: false }
  const end = (): void => void (state.isOver = true)
  const follow = async (): Promise<void> => {
    await engine.start()
    state.run = await engine.triggerFlow(definition)
    await state.run.result()
  }
  void follow().then(end, end)
  void faulty.crashed.then(end)
  for (let round = 0; !state.isOver && round < ROUNDS; round++) {
    if (state.run) meanwhile(state.run)
    await clock.advance(ROUND_MS)
  }
  if (plan === null) await Promise.all([engine.stop({ drainMs: 0 }), clock.advance(20_000)])
  else await kept.commit([{ type: 'engine.remove', engineId: engine.id }])
  return faulty.callCount
}

/**
 * The only run of a storage, brought to its end by another engine; undefined when there is no run.
 *
 * @param isCancelled Whether the run is cancelled, unless it was before.
 */
export async function recover(
  kept: Storage,
  definition: Flow<void, unknown>,
  isCancelled = false,
): Promise<RunDetailView | undefined> {
  const [stored] = await kept.runs.list({ limit: 1 })
  if (stored === undefined) return undefined
  const clock = new ManualClock()
  const engine = new FlowEngine({ storage: keptOpen(kept), clock })
  engine.registerFlow(definition)
  await engine.start()
  if (isCancelled && stored.finishedAt === null) await engine.cancelRun(stored.id)
  for (let round = 0; round < ROUNDS && (await engine.getRun(stored.id)).finishedAt === null; round++)
    await clock.advance(ROUND_MS)
  const detail = await engine.getRunDetail(stored.id)
  await engine.stop({ drainMs: 0 })
  return detail
}
