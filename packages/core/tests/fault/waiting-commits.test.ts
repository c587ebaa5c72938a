import { memoryStorage, type Storage } from '@perfect/core'
import { sqliteStorage } from '@perfect/core/sqlite'
import { describe, expect, it } from 'vitest'

import { ManualClock } from '../../src/testing/manual-clock.ts'
import { drive, EXPECTED, wholeRun, type Ended } from './waiting-host.ts'

const LIMIT_MS = 120_000
// Every fault in memory; in SQLite, where each takes half a second, some of them.
const STORAGES = [
  ['memory', (clock: ManualClock) => memoryStorage({ clock }), 1],
  ['sqlite', (clock: ManualClock) => sqliteStorage(':memory:', { clock }), 17],
] as const

/** What must hold once the run is over, whatever happened on the way. */
async function check(kept: Storage, ended: Ended, at: number): Promise<void> {
  const run = await wholeRun(kept)
  const result = run ? await kept.runs.result(run.id) : undefined
  expect([at, run?.status, result]).toEqual([at, 'succeeded', JSON.stringify(EXPECTED)])
  const children = await kept.runs.list({ parentRunId: run?.id ?? '', limit: 10 })
  expect([at, children.map(({ status }) => status).toSorted()]).toEqual([at, ['failed', 'succeeded']])
  const runIds = [run?.id ?? '', ...children.map(({ id }) => id)]
  const signals = (await Promise.all(runIds.map((id) => kept.signals.list(id)))).flat()
  const takers = signals.flatMap(({ takenBy }) => (takenBy ? [`${takenBy.runId} ${takenBy.key}`] : []))
  expect([at, takers.length]).toEqual([at, new Set(takers).size])
  const lines = await kept.logs.list({ runId: run?.id ?? '', limit: 100 })
  const refused = lines.filter(({ message }) => message.includes('does not fit'))
  expect([at, refused.length > 0]).toEqual([at, true])
  for (const key of ['double 7', 'double -1', 'sum'])
    expect([at, key, (ended.get(key) ?? 0) >= 1]).toEqual([at, key, true])
}

describe.each(STORAGES)('a run that waits, on %s,', (_name, makeStorage, every) => {
  it.each(['before', 'after'] as const)(
    'goes on after a crash %s any commit: no signal is lost or taken twice, no child is started twice',
    async (moment) => {
      const commits = await countCommits(makeStorage)
      for (let at = 1; at <= commits; at += every) {
        const clock = new ManualClock()
        const kept = makeStorage(clock)
        await kept.open()
        const ended: Ended = new Map()
        const { isOver } = await drive(kept, clock, ended, { at, kind: 'crash', moment })
        const isEnded = isOver || (await drive(kept, clock, ended, null)).isOver
        expect([at, isEnded]).toEqual([at, true])
        await check(kept, ended, at)
        await kept.close()
      }
    },
    LIMIT_MS,
  )

  it.each(['before', 'after'] as const)(
    'is only delayed by a storage that is away %s any call',
    async (moment) => {
      const commits = await countCommits(makeStorage)
      for (let at = 2; at <= commits; at += every) {
        const clock = new ManualClock()
        const kept = makeStorage(clock)
        await kept.open()
        const ended: Ended = new Map()
        const stretch = await drive(kept, clock, ended, { at, kind: 'fail', moment, times: 3 })
        expect([at, stretch.isOver]).toEqual([at, true])
        await check(kept, ended, at)
        await kept.close()
      }
    },
    LIMIT_MS,
  )
})

async function countCommits(makeStorage: (clock: ManualClock) => Storage): Promise<number> {
  const clock = new ManualClock()
  const kept = makeStorage(clock)
  await kept.open()
  const ended: Ended = new Map()
  const { faulty, isOver } = await drive(kept, clock, ended, null)
  expect(isOver).toBe(true)
  await check(kept, ended, 0)
  await kept.close()
  return faulty.callCount
}
