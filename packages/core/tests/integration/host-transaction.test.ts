import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { flow, FlowEngine, step } from '@perfect/core'
import { sqliteStorage } from '@perfect/core/sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const ship = flow('ship', (order: number) => step('pack', () => `order ${String(order)} is packed`))
const code = (expected: string, message = '') =>
  expect.objectContaining({ code: expected, message: expect.stringContaining(message) as string }) as Error

let folder: string
let engine: FlowEngine
let host: DatabaseSync
const path = (name = 'app.db'): string => join(folder, name)

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'perfect-tx-'))
  engine = new FlowEngine({ storage: sqliteStorage(path()) })
  engine.registerFlow(ship)
  await engine.start()
  host = new DatabaseSync(path(), { timeout: 5000 })
  host.exec('CREATE TABLE app_orders (id INTEGER PRIMARY KEY)')
})
afterEach(async () => {
  if (host.isOpen) host.close()
  await engine.stop()
  rmSync(folder, { recursive: true, force: true })
})

const orders = (): number => host.prepare('SELECT id FROM app_orders').all().length

describe('a run that is started in a transaction of the host', () => {
  it('starts when the transaction commits, and gives its result', async () => {
    host.exec('BEGIN IMMEDIATE')
    host.exec('INSERT INTO app_orders VALUES (1)')
    const run = await engine.triggerFlow(ship, { input: 1, tags: ['shop'], tx: host })
    expect(run.run.status).toBe('queued')
    await expect(engine.getRun(run.id)).rejects.toEqual(code('RUN_NOT_FOUND'))
    host.exec('COMMIT')
    expect(await run.result()).toBe('order 1 is packed')
    expect(await engine.getRun(run.id)).toMatchObject({ status: 'succeeded', tags: ['shop'] })
    expect(orders()).toBe(1)
  })

  it('never starts when it is rolled back, and who waits hears of it', async () => {
    host.exec('BEGIN IMMEDIATE')
    host.exec('INSERT INTO app_orders VALUES (1)')
    const run = await engine.triggerFlow(ship, { input: 1, tx: host })
    const result = run.result()
    host.exec('ROLLBACK')
    await expect(result).rejects.toEqual(code('RUN_NOT_FOUND'))
    await expect(run.result()).rejects.toEqual(code('RUN_NOT_FOUND'))
    expect((await engine.getRuns()).items).toEqual([])
    expect(orders()).toBe(0)
  })

  it('never starts when the connection is lost before the commit', async () => {
    host.exec('BEGIN IMMEDIATE')
    const run = await engine.triggerFlow(ship, { input: 1, tx: host })
    host.close()
    await expect(run.result()).rejects.toEqual(code('RUN_NOT_FOUND'))
  })

  it('is one run for one idempotency key, also within the transaction', async () => {
    host.exec('BEGIN IMMEDIATE')
    const first = await engine.triggerFlow(ship, { input: 1, idempotencyKey: 'order 1', tx: host })
    const again = await engine.triggerFlow(ship, { input: 1, idempotencyKey: 'order 1', tx: host })
    await expect(engine.triggerFlow(ship, { input: 2, idempotencyKey: 'order 1', tx: host })).rejects.toEqual(
      code('IDEMPOTENCY_MISMATCH'),
    )
    host.exec('COMMIT')
    expect(again.id).toBe(first.id)
    await first.result()
    expect((await engine.getRuns()).items).toHaveLength(1)
  })

  it('is announced once it is stored', async () => {
    const triggered: string[] = []
    engine.subscribeToFlowTriggers(({ id }) => triggered.push(id))
    host.exec('BEGIN IMMEDIATE')
    const run = await engine.triggerFlow(ship, { input: 1, tx: host })
    expect(triggered).toEqual([])
    host.exec('COMMIT')
    await run.result()
    expect(triggered).toEqual([run.id])
  })

  it('waits for its time and its turn like any other', async () => {
    host.exec('BEGIN IMMEDIATE')
    const run = await engine.triggerFlow(ship, { input: 1, delay: '20ms', tx: host })
    expect(run.run.status).toBe('scheduled')
    host.exec('COMMIT')
    expect(await run.result()).toBe('order 1 is packed')
  })
})

describe('a transaction that cannot take a run is refused', () => {
  const trigger = (tx: unknown) => engine.triggerFlow(ship, { input: 1, tx })

  it('when none is open', async () => {
    await expect(trigger(host)).rejects.toEqual(code('TRANSACTION_INVALID', 'Begin one before'))
  })

  it('when it is on another file', async () => {
    const other = new DatabaseSync(path('other.db'))
    other.exec('BEGIN')
    await expect(trigger(other)).rejects.toEqual(code('TRANSACTION_INVALID', 'another file'))
    other.close()
  })

  it('when it is no connection at all', async () => {
    for (const wrong of [{}, null, 'tx', { prepare: 1 }])
      await expect(trigger(wrong)).rejects.toEqual(code('TRANSACTION_INVALID'))
  })

  it('when the storage is in memory', async () => {
    const inMemory = new FlowEngine()
    inMemory.registerFlow(ship)
    await inMemory.start()
    host.exec('BEGIN')
    await expect(inMemory.triggerFlow(ship, { input: 1, tx: host })).rejects.toEqual(code('TRANSACTION_INVALID'))
    host.exec('ROLLBACK')
    await inMemory.stop()
  })

  it('and nothing is stored of it', async () => {
    await expect(trigger(host)).rejects.toEqual(code('TRANSACTION_INVALID'))
    expect((await engine.getRuns()).items).toEqual([])
  })
})
