/* A flow that waits for everything a flow can wait for, people who answer it, and engines that take turns in driving it. */
import {
  approval,
  flow,
  FlowEngine,
  PerfectError,
  scope,
  sleep,
  step,
  waitFor,
  type Flow,
  type Storage,
} from '@perfect/core'
import { z } from 'zod'

// Loaded here: an engine loads them when it starts, and with the first question. That takes time, and on the clock of a test none passes.
import '../../src/engine/seldom-asked.ts'
import '../../src/engine/progress/forecaster-parts.ts'
import type { RunRecord } from '../../src/storage/records.ts'
import { faultyStorage, type FaultPlan, type FaultyStorage } from '../../src/testing/faulty-storage.ts'
import type { ManualClock } from '../../src/testing/manual-clock.ts'

/** How often each task has ended, over all engines. */
export type Ended = Map<string, number>

const KEY = 'the run'
const ROUND_MS = 2500
const MAX_ROUNDS = 120

/** What comes out, whatever goes wrong. */
export const EXPECTED = 'paid 7, hurry undefined, by ann, part 14, part failed'

/** Waits for a signal, for the end of a time, for an approval, for a sleep and for two flows, of which one fails. */
function waitingFlows(ended: Ended): readonly [Flow<void, string>, Flow<number, number>] {
  const count = (key: string): void => void ended.set(key, (ended.get(key) ?? 0) + 1)
  const part = flow('part', async (size: number) => {
    const double = await step('double', () => {
      count(`double ${String(size)}`)
      return size * 2
    })
    await waitFor('part may go on', { match: String(size) })
    if (size < 0) throw new RangeError('part failed')
    return double
  })
  const whole = flow('whole', async () => {
    const paid = await waitFor('paid', { match: 'order-1', schema: z.object({ amount: z.number() }) })
    const hurry = await scope('hurry', () => waitFor('hurry', { timeout: '20s' }))
    const decision = await approval('ship')
    await sleep('15s')
    const size = await part(paid?.amount ?? 0)
    const failure = await part(-1).catch((error: unknown) => (error instanceof Error ? error.message : 'none'))
    return step('sum', () => {
      count('sum')
      return `paid ${String(paid?.amount)}, hurry ${String(hurry)}, by ${String(decision?.by)}, part ${String(size)}, ${failure}`
    })
  })
  return [whole, part]
}

/** One engine on the shared storage, from its start to its end. */
export interface Stretch {
  readonly faulty: FaultyStorage
  readonly isOver: boolean
}

/** A storage of which one engine can die while the test and the next engine still use it. */
function keptOpen(storage: Storage): Storage {
  return { ...storage, close: () => Promise.resolve() }
}

/** Drives the run on a storage that goes wrong by plan, until it is over or the engine has crashed. */
export async function drive(kept: Storage, clock: ManualClock, ended: Ended, plan: FaultPlan | null): Promise<Stretch> {
  const faulty = faultyStorage(keptOpen(kept), plan)
  const engine = new FlowEngine({ storage: faulty, clock, parkAfterMs: 1000, concurrency: 1, onError: () => undefined })
  const state = { hasCrashed: false, isOver: false }
  void faulty.crashed.then(() => (state.hasCrashed = true))
  void trigger(engine, ended).then(() => (state.isOver = true), ignore)
  for (let round = 0; round < MAX_ROUNDS && !state.hasCrashed && !state.isOver; round++) {
    void answer(engine, kept).catch(ignore)
    await pass(kept, clock)
  }
  if (state.hasCrashed) await kept.commit([{ type: 'engine.remove', engineId: engine.id }])
  else await Promise.all([engine.stop({ drainMs: 0 }), clock.advance(20_000)])
  return { faulty, isOver: state.isOver }
}

// A storage in another thread answers while no time passes, so it passes in steps.
async function pass(kept: Storage, clock: ManualClock): Promise<void> {
  for (let part = 0; part < 5; part++) {
    await clock.advance(ROUND_MS / 5)
    for (let turn = 0; turn < 3; turn++) {
      if (kept.name === 'memory') continue
      await kept.runs.nextWakeAt()
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

async function trigger(engine: FlowEngine, ended: Ended): Promise<void> {
  const [whole, part] = waitingFlows(ended)
  engine.registerFlow(whole)
  engine.registerFlow(part)
  await engine.start()
  for (;;) {
    try {
      const run = await engine.triggerFlow(whole, { idempotencyKey: KEY })
      await run.result().catch(ignore)
      return
    } catch (error) {
      // Like any caller: the storage was away, so it asks again.
      if (!PerfectError.is(error, 'STORAGE_UNAVAILABLE')) throw error
    }
  }
}

/** People answer what is waited for; nobody knows whether the answer before got through, so each is given again under its id. */
async function answer(engine: FlowEngine, kept: Storage): Promise<void> {
  const run = await wholeRun(kept)
  if (run === undefined || run.finishedAt !== null) return
  const once = async (send: () => Promise<unknown>): Promise<void> => void (await send().catch(ignore))
  // As a process sends it that does not have the code of the flow, and so cannot know that it does not fit.
  const wrong = { name: 'paid', runId: run.id, match: null, value: '{"amount":"much"}', by: null, takenBy: null }
  await once(() => kept.commit([{ type: 'signal.send', signal: { ...wrong, id: 'wrong', sentAt: 0 } }]))
  await once(() => engine.sendSignal('paid', { amount: 7 }, { match: 'order-1', id: 'right' }))
  await once(() => engine.approve(run.id, 'ship', { approved: true, by: 'ann' }))
  for (const size of [7, -1])
    await once(() => engine.sendSignal('part may go on', null, { match: String(size), id: `part ${String(size)}` }))
}

/** The run that all engines drive. */
export async function wholeRun(kept: Storage): Promise<RunRecord | undefined> {
  const runs = await kept.runs.list({ flowIds: ['whole'], limit: 10 })
  if (runs.length > 1) throw new Error(`There are ${String(runs.length)} runs.`)
  return runs[0]
}

function ignore(): void {
  // What fails is tried again, or is what the test wants.
}
