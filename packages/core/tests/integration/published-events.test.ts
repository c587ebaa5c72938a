import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { current, flow, FlowEngine, map, step, task, type EngineEvent, type EngineEventName } from '@perfect/core'
import { sqliteStorage } from '@perfect/core/sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let folder: string
let engine: FlowEngine
let file: DatabaseSync

const shaky = task('shaky', { retry: { attempts: 2, backoff: 1 } }, (item: number) => {
  current().log.info(`item ${String(item)}`)
  if (current().attempt === 1) throw new Error('not yet')
  return item
})
const busy = flow('busy', async (seed: number) => {
  const items = await map('items', [1, 2, 3], (item) => shaky(item * seed))
  await step('tell', () => current().progress(0.5))
  if (seed === 2) throw new Error('not this one')
  return items
})

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'perfect-events-'))
  engine = new FlowEngine({ storage: sqliteStorage(join(folder, 'perfect.db')) })
  engine.registerFlow(busy)
  await engine.start()
  file = new DatabaseSync(join(folder, 'perfect.db'), { readOnly: true })
})
afterEach(async () => {
  await engine.stop()
  file.close()
  rmSync(folder, { recursive: true, force: true })
})

type Data<N extends EngineEventName> = EngineEvent<N>['data']

const statusOf = (table: 'runs' | 'tasks', where: string, ...values: string[]): unknown =>
  file.prepare(`SELECT status FROM ${table} WHERE ${where}`).get(...values)?.['status']

function isRunStored({ id, status, finishedAt }: Data<'run.updated'>): boolean {
  const stored = statusOf('runs', 'id = ?', id)
  return finishedAt === null ? stored !== undefined && (status === 'queued' || stored !== 'queued') : stored === status
}

function isTaskStored({ runId, task: { key, status } }: Data<'task.updated'>): boolean {
  return status !== 'succeeded' || statusOf('tasks', 'run_id = ? AND key = ?', runId, key) === status
}

function areLinesStored({ runId, lines }: Data<'log.appended'>): boolean {
  const find = file.prepare('SELECT 1 FROM logs WHERE run_id = ? AND seq = ?')
  return lines.every(({ seq }) => find.get(runId, seq) !== undefined)
}

/** Whether another reader of the file can see at this moment what an event tells. */
function isStored({ type, data }: EngineEvent): boolean {
  if (type === 'task.updated') return isTaskStored(data as Data<'task.updated'>)
  if (type === 'log.appended') return areLinesStored(data as Data<'log.appended'>)
  return !['run.triggered', 'run.updated'].includes(type) || isRunStored(data as Data<'run.updated'>)
}

describe('I6 an event', () => {
  it('is published when what it tells is stored, in order and without gaps', async () => {
    const events: EngineEvent[] = []
    const early: EngineEvent[] = []
    engine.events.subscribe((event) => {
      events.push(event)
      if (!isStored(event)) early.push(event)
    })
    const runs = await Promise.all([1, 2, 3, 4, 5].map((seed) => engine.triggerFlow(busy, { input: seed })))
    await Promise.all(runs.map((run) => run.result().catch(() => null)))
    // Subscribers hear a moment later than whoever waits for the run.
    await new Promise(setImmediate)

    expect(early).toEqual([])
    const numbers = events.map(({ id }) => Number(id.split(':')[1]))
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index))
    const kinds = new Set(events.map(({ type }) => type))
    expect([...kinds]).toEqual(expect.arrayContaining(['run.triggered', 'run.updated', 'task.updated', 'log.appended']))
    const ends = events.filter(
      ({ type, data }) => type === 'run.updated' && (data as { finishedAt: unknown }).finishedAt !== null,
    )
    expect(new Set(ends.map(({ data }) => (data as { id: string }).id)).size).toBe(runs.length)
  })
})
