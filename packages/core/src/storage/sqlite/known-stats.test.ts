import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { aHeldRun, aRun, create, finish } from '../../testing/records.ts'
import type { Storage } from '../storage.ts'
import { sqliteStorage } from './index.ts'

let folder = ''
let ours: Storage
let theirs: Storage

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perfect-stats-'))
  ours = sqliteStorage(join(folder, 'perfect.db'))
  theirs = sqliteStorage(join(folder, 'perfect.db'))
  await ours.open()
  await theirs.open()
})
afterEach(async () => {
  await Promise.all([ours.close(), theirs.close()])
  await rm(folder, { recursive: true })
})

const end = (id: string) => [create(aHeldRun({ id })), finish({ runId: id })]
const counted = async (): Promise<readonly number[]> => {
  const rows = await ours.stats.runs({ span: 'day', from: 0, before: 1e15, flowId: null })
  return rows.map(({ runs, durations }) => runs + durations.reduce((total, count) => total + count, 0))
}

describe('what a connection knows of statistics', () => {
  it('is read again when another connection has counted runs', async () => {
    await ours.commit(end('run_1'))
    await theirs.commit([...end('run_2'), ...end('run_3')])
    await ours.commit(end('run_4'))
    await ours.commit(end('run_5'))
    await theirs.commit(end('run_6'))
    expect(await counted()).toEqual([12])
  })

  it('has nothing of a commit that was undone', async () => {
    await ours.commit(end('run_1'))
    await expect(
      ours.commit([...end('run_2'), create(aRun({ id: 'run_3', createdAt: Number.NaN }))]),
    ).rejects.toMatchObject({
      code: 'INTERNAL',
    })
    await ours.commit(end('run_4'))
    expect(await counted()).toEqual([4])
  })

  it('is forgotten with the rows', async () => {
    await ours.commit(end('run_1'))
    const statsBefore = { hour: 1e15, day: 1e15, failure: 0 }
    await ours.commit([{ type: 'sweep', signalsBefore: 0, estimatesBefore: 0, statsBefore }, ...end('run_2')])
    expect(await counted()).toEqual([2])
  })
})
