import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { aHeldRun, aRun, aTask, cancel, claim, create, finish, park, put } from '../../testing/records.ts'
import type { AuditRecord } from '../audit-records.ts'
import type { Storage } from '../storage.ts'
import { sqliteStorage } from './index.ts'

const REFUSED = [expect.objectContaining({ accepted: false, refusal: 'stale' })]

let folder = ''
let ours: Storage
let theirs: Storage

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perfect-held-'))
  ours = sqliteStorage(join(folder, 'perfect.db'))
  theirs = sqliteStorage(join(folder, 'perfect.db'))
  await ours.open()
  await theirs.open()
})
afterEach(async () => {
  await Promise.all([ours.close(), theirs.close()])
  await rm(folder, { recursive: true })
})

const second = (): ReturnType<typeof put> => put(aTask({ key: 'load#1', seq: 2, position: 2 }))

describe('what a connection knows of held runs', () => {
  it('ends when another connection takes the run', async () => {
    await ours.commit([create(aHeldRun())])
    expect(await ours.commit([put(aTask())])).toEqual([{ accepted: true }])
    await theirs.commit([claim({ expectedEpoch: 1 })])
    expect(await ours.commit([second()])).toEqual(REFUSED)
    expect(await ours.commit([finish()])).toEqual(REFUSED)
    expect(await ours.tasks.list('run_1')).toHaveLength(1)
  })

  it('ends when the run is given back, cancelled by force, or taken under a new epoch', async () => {
    await ours.commit([create(aHeldRun()), park({ wakeAt: null })])
    expect(await ours.commit([put(aTask())])).toEqual(REFUSED)
    await ours.commit([claim({ expectedEpoch: 1 })])
    expect(await ours.commit([put(aTask())])).toEqual(REFUSED)
    expect(await ours.commit([put(aTask(), { epoch: 2, engineId: 'eng_2' })])).toEqual([{ accepted: true }])
    await ours.commit([cancel({ force: true })])
    const late = await ours.commit([put(second().task, { epoch: 2, engineId: 'eng_2' })])
    expect(late).toEqual([expect.objectContaining({ refusal: 'finished' })])
  })

  it('is not taken from a transaction that was undone', async () => {
    const bad = { type: 'no such change' } as never
    await expect(ours.commit([create(aHeldRun()), bad])).rejects.toThrow('no such change')
    expect(await ours.commit([put(aTask())])).toEqual([expect.objectContaining({ refusal: 'missing' })])
  })

  it('ends with the run: nothing is written after the end, and its statistics are those of the run', async () => {
    await ours.commit([create(aHeldRun()), finish()])
    expect(await ours.commit([put(aTask())])).toEqual([expect.objectContaining({ refusal: 'finished' })])
    expect(await ours.commit([finish()])).toEqual([expect.objectContaining({ refusal: 'finished' })])
    expect(await ours.stats.counts()).toEqual({ succeeded: 1 })
  })
})

describe('packed changes', () => {
  it('keep text that SQLite cannot keep as it is', async () => {
    const odd = 'a\0b \uD800 \u0010'
    await ours.commit([create(aHeldRun({ id: 'run_2', flowId: odd }), JSON.stringify(odd))])
    await ours.commit([put(aTask({ runId: 'run_2', name: odd, value: odd }))])
    await ours.commit([finish({ runId: 'run_2', result: odd })])
    expect(await theirs.runs.get('run_2')).toMatchObject({ flowId: odd })
    expect(await theirs.tasks.list('run_2')).toMatchObject([{ name: odd, value: odd }])
    expect(await theirs.runs.result('run_2')).toBe(odd)
  })

  it('keep entries of the audit log as they are, the usual and the others', async () => {
    const usual: AuditRecord = {
      id: 'aud_1',
      at: 1,
      door: 'http',
      actor: null,
      address: '127.0.0.1',
      requestId: 'req_1',
      action: 'flow.trigger',
      target: 'run_1',
      flowId: 'nightly',
      outcome: 'done',
      code: null,
      changes: '[]',
      facts: '{"input":7}',
      endedAt: 1,
    }
    const odd = 'a\0b \uD800 \u0010'
    const entries = [
      usual,
      { ...usual, id: 'aud_2', actor: odd, target: odd, facts: JSON.stringify({ odd }) },
      { ...usual, id: 'aud_3', door: 'cli', code: 'INTERNAL', changes: '[{"field":"a","before":1,"after":2}]' },
    ]
    for (const entry of entries) await ours.commit([{ type: 'audit.put', entries: [entry] }])
    expect(await theirs.audit.list({ limit: 9 })).toEqual(entries.toReversed())
  })

  it('name the run that has the key already', async () => {
    await ours.commit([create(aRun({ idempotencyKey: 'k' }))])
    const again = await ours.commit([create(aRun({ id: 'run_2', idempotencyKey: 'k' }))])
    expect(again).toEqual([{ accepted: false, refusal: 'duplicate', runId: 'run_1' }])
  })
})
