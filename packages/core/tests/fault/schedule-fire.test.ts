import { flow, FlowEngine, memoryStorage, type Storage } from '@perfect/core'
import { describe, expect, it } from 'vitest'

import { faultyStorage, type FaultPlan, type FaultyStorage } from '../../src/testing/faulty-storage.ts'
import { ManualClock } from '../../src/testing/manual-clock.ts'

const MINUTE_MS = 60_000
const TIMES = [9, 10, 11]

const hourly = (missed: 'last' | 'all') => flow('hourly', { schedule: { cron: '0 * * * *', missed } }, () => 1)

/** A storage of which one engine can die while the next one still uses it. */
function keptOpen(storage: Storage): Storage {
  return { ...storage, close: () => Promise.resolve() }
}

/** Runs over three times with a fault; after a crash, a second engine goes on. Gives the times that have a run. */
async function runWithFault(
  plan: FaultPlan | null,
): Promise<{ readonly times: readonly number[]; readonly faulty: FaultyStorage }> {
  const clock = new ManualClock()
  const kept = keptOpen(memoryStorage({ clock }))
  const faulty = faultyStorage(kept, plan)
  const engine = new FlowEngine({ storage: faulty, clock, onError: () => undefined })
  engine.registerFlow(hourly('all'))
  const end = { isDead: false }
  const dies = (): boolean => (end.isDead = true)
  void faulty.crashed.then(dies)
  engine.start().catch(dies)
  for (let minute = 0; !end.isDead && minute < 190; minute++) await clock.advance(MINUTE_MS)
  if (end.isDead) {
    await kept.commit([{ type: 'engine.remove', engineId: engine.id }])
    const next = new FlowEngine({ storage: kept, clock })
    next.registerFlow(hourly('all'))
    await next.start()
    await clock.advance(1_800_000_000_000 + 190 * MINUTE_MS - clock.now())
    await Promise.all([next.stop({ drainMs: 0 }), clock.advance(100)])
  } else await Promise.all([engine.stop({ drainMs: 0 }), clock.advance(20_000)])
  const runs = await kept.runs.list({ limit: 100 })
  const times = runs.map(({ idempotencyKey }) => Number(idempotencyKey?.slice(-13, -11))).toSorted((a, b) => a - b)
  return { times, faulty }
}

describe('I7 a schedule', () => {
  for (const kind of ['crash', 'fail'] as const)
    for (const moment of ['before', 'after'] as const)
      it(`neither loses nor doubles a time when any call of the storage ends in "${kind}" ${moment} it is done`, async () => {
        const { faulty, times } = await runWithFault(null)
        expect(times).toEqual(TIMES)
        // Every call up to the second time, and some of the many that only renew the lease.
        for (let at = 1; at <= faulty.callCount; at += at < 30 ? 1 : 97) {
          const outcome = await runWithFault({ kind, moment, at, calls: 'commits' })
          // What was not declared yet when the first engine died counts from the start of the second.
          expect(outcome.times, `call ${String(at)}`).toEqual(TIMES)
        }
      })
})
