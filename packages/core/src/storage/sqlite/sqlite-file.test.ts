import { mkdir, mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Worker } from 'node:worker_threads'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { PerfectError } from '../../errors/perfect-error.ts'
import { aFlow, aHeldRun, aLogLine, append, aRun, aTask, create, finish, lease, put } from '../../testing/records.ts'
import type { Storage } from '../storage.ts'
import { sqliteStorage, type SqliteStorageOptions } from './index.ts'
import { openDatabase } from './open-database.ts'
import { translateError } from './sqlite-errors.ts'

let folder = ''
let path = ''
let opened: Storage[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perfect-sqlite-'))
  path = join(folder, 'perfect.db')
  opened = []
})
afterEach(async () => {
  await Promise.all(opened.map((storage) => storage.close()))
  await rm(folder, { recursive: true })
})

async function openStorage(options?: SqliteStorageOptions): Promise<Storage> {
  const storage = sqliteStorage(path, options)
  opened.push(storage)
  await storage.open()
  return storage
}

async function rejection(promise: Promise<unknown>): Promise<PerfectError> {
  try {
    await promise
  } catch (error) {
    if (PerfectError.is(error)) return error
    throw error
  }
  throw new Error('It was not rejected.')
}

describe('a file of sqliteStorage()', () => {
  test('keeps everything from one opening to the next', async () => {
    const first = await openStorage()
    await first.commit([lease('eng_1', 60_000), { type: 'flow.put', flow: aFlow() }, create(aHeldRun(), '1')])
    await first.commit([put(aTask()), append([aLogLine()]), finish({ result: '2' }), create(aRun({ id: 'run_2' }))])
    const [run, engines] = [await first.runs.get('run_1'), await first.engines.list()]
    await first.close()

    const second = await openStorage()
    expect(await second.runs.get('run_1')).toEqual(run)
    expect(await second.runs.input('run_1')).toBe('1')
    expect(await second.runs.result('run_1')).toBe('2')
    expect(await second.tasks.list('run_1')).toEqual([aTask()])
    expect(await second.logs.count('run_1')).toBe(1)
    expect(await second.flows.list()).toEqual([aFlow()])
    expect(await second.engines.list()).toEqual(engines)
    expect((await second.runs.list({ limit: 9 })).map(({ id }) => id)).toEqual(['run_2', 'run_1'])
  })

  test('is made together with its folder', async () => {
    path = join(folder, 'a', 'b', 'perfect.db')
    const storage = await openStorage()
    expect((await stat(path)).isFile()).toBe(true)
    expect(storage.capabilities).toEqual({ durable: true, multiProcess: true })
  })

  test('is one file again after close()', async () => {
    const storage = await openStorage()
    await storage.commit([create(aRun())])
    await storage.close()
    await expect(stat(`${path}-wal`)).rejects.toThrow('ENOENT')
  })

  test('waits for the disk with each commit, unless told otherwise', () => {
    const synchronous = (['full', 'relaxed'] as const).map((durability) => {
      const database = openDatabase({ path, durability, busyTimeoutMs: 0 })
      const row = { ...database.first('PRAGMA journal_mode'), ...database.first('PRAGMA synchronous') }
      database.close()
      return row
    })
    expect(synchronous).toEqual([
      { journal_mode: 'wal', synchronous: 2 },
      { journal_mode: 'wal', synchronous: 1 },
    ])
  })

  test('is shared by two storages: what one commits the other reads', async () => {
    const [first, second] = [await openStorage(), await openStorage()]
    await Promise.all([first.commit([create(aRun())]), second.commit([create(aRun({ id: 'run_2' }))])])
    expect(await first.runs.get('run_2')).toEqual(aRun({ id: 'run_2' }))
    expect(await second.runs.get('run_1')).toEqual(aRun())
  })

  test('can be an empty one that was there before', async () => {
    await writeFile(path, '')
    const storage = await openStorage()
    expect(await storage.stats.counts()).toEqual({})
  })
})

describe('a database in memory', () => {
  test('ends with its storage', async () => {
    path = ':memory:'
    const storage = await openStorage()
    await storage.commit([create(aRun())])
    expect(await storage.runs.get('run_1')).toEqual(aRun())
    expect(storage.capabilities).toEqual({ durable: false, multiProcess: false })
    await storage.close()
    expect(await (await openStorage()).runs.get('run_1')).toBeUndefined()
  })
})

describe('open()', () => {
  test('refuses a file that a newer version has written, and leaves it as it is', async () => {
    await (await openStorage()).close()
    const connection = new DatabaseSync(path)
    connection.exec('PRAGMA user_version = 999')
    connection.close()
    const error = await rejection(openStorage())
    expect(error.code).toBe('STORAGE_TOO_NEW')
    expect(error.message).toContain('schema 999')
    expect(error.details).toMatchObject({ path, version: 999 })
  })

  test('refuses a file that is not a database, and leaves it as it is', async () => {
    const text = 'Dear diary, '.repeat(1000)
    await writeFile(path, text)
    const error = await rejection(openStorage())
    expect(error.code).toBe('STORAGE_CORRUPT')
    expect(error.message).toContain('not a SQLite database')
    expect(await readFile(path, 'utf8')).toBe(text)
  })

  test('refuses the database of another program, and leaves it as it is', async () => {
    const connection = new DatabaseSync(path)
    connection.exec('CREATE TABLE runs (distance REAL)')
    connection.close()
    const before = await readFile(path)
    const error = await rejection(openStorage())
    expect(error.code).toBe('STORAGE_CORRUPT')
    expect(error.message).toContain('another program')
    expect(await readFile(path)).toEqual(before)
  })

  test('refuses a path below a file and a path that is a folder as STORAGE_UNAVAILABLE', async () => {
    await writeFile(join(folder, 'file'), '')
    await mkdir(join(folder, 'folder'))
    for (const place of [join('file', 'x.db'), 'folder']) {
      path = join(folder, place)
      const error = await rejection(openStorage())
      expect(error.code).toBe('STORAGE_UNAVAILABLE')
      expect(error.message).toContain(path)
      expect(error.cause).toBeInstanceOf(Error)
    }
  })

  test('can be tried again when the reason is gone', async () => {
    await mkdir(path)
    const storage = sqliteStorage(path)
    opened.push(storage)
    expect((await rejection(storage.open())).code).toBe('STORAGE_UNAVAILABLE')
    await rm(path, { recursive: true })
    await storage.open()
    expect(await storage.stats.counts()).toEqual({})
  })
})

describe('commit()', () => {
  test('is refused while another process holds the write lock, stores nothing, and works afterwards', async () => {
    const storage = await openStorage({ busyTimeoutMs: 20 })
    const other = new DatabaseSync(path)
    other.exec('BEGIN IMMEDIATE')
    const error = await rejection(storage.commit([create(aRun())]))
    expect(error.code).toBe('STORAGE_UNAVAILABLE')
    expect(error.message).toContain('Another process')
    expect(await storage.runs.get('run_1')).toBeUndefined()
    other.exec('ROLLBACK')
    other.close()
    expect(await storage.commit([create(aRun())])).toEqual([{ accepted: true, run: aRun() }])
  })

  test('waits for another process that writes for a moment', async () => {
    const storage = await openStorage()
    const other = new DatabaseSync(path)
    other.exec('BEGIN IMMEDIATE')
    const committed = storage.commit([create(aRun())])
    other.exec('COMMIT')
    other.close()
    expect((await committed)[0]?.accepted).toBe(true)
  })

  test('stores nothing when the database refuses a value', async () => {
    const storage = await openStorage()
    const broken = aRun({ id: 'run_2', createdAt: Number.NaN })
    const error = await rejection(storage.commit([create(aRun(), '1'), create(broken)]))
    expect(error.code).toBe('INTERNAL')
    expect(await storage.stats.counts()).toEqual({})
    expect(await storage.runs.input('run_1')).toBeNull()
  })
})

describe('a damaged file', () => {
  test('is STORAGE_CORRUPT as soon as a damaged page is read', async () => {
    const first = await openStorage()
    await first.commit(Array.from({ length: 1000 }, (_, index) => create(aRun({ id: `run_${String(index)}` }))))
    await first.close()
    const { size } = await stat(path)
    const file = await open(path, 'r+')
    // The pages of the schema come first; they stay, so that the file can be opened.
    await file.write(Buffer.alloc(size / 2, 0xa5), 0, size / 2, size / 2)
    await file.close()
    const storage = await openStorage()
    const error = await rejection(storage.runs.list({ limit: 1000 }))
    expect(error.code).toBe('STORAGE_CORRUPT')
    expect(error.message).toContain('backup')
  })
})

describe('translateError()', () => {
  test('says what to do about a database that may only be read', async () => {
    await (await openStorage()).close()
    const connection = new DatabaseSync(path, { readOnly: true })
    let thrown: unknown
    try {
      connection.exec('DELETE FROM runs')
    } catch (error) {
      thrown = error
    }
    connection.close()
    const error = translateError(thrown, path)
    expect(error.code).toBe('STORAGE_UNAVAILABLE')
    expect(error.message).toContain('may only be read')
    expect(error.cause).toBe(thrown)
  })
})

describe('the thread of the database', () => {
  const threads: Worker[] = []
  const onThread = (worker: Worker): number => threads.push(worker)
  beforeEach(() => process.on('worker', onThread))
  afterEach(() => {
    process.off('worker', onThread)
    threads.length = 0
  })

  test('is started again by the call after its death', async () => {
    const storage = await openStorage({ busyTimeoutMs: 500 })
    await storage.commit([create(aRun())])
    const other = new DatabaseSync(path)
    other.exec('BEGIN IMMEDIATE')
    // Cannot be answered before the thread is told to end: the lock is not given back until then.
    const asked = rejection(storage.commit([create(aRun({ id: 'run_2' }))]))
    await threads[0]?.terminate()
    const error = await asked
    other.close()
    expect(error.code).toBe('STORAGE_UNAVAILABLE')
    expect(error.message).toContain('thread')
    expect(await storage.runs.get('run_1')).toEqual(aRun())
    expect(await storage.runs.get('run_2')).toBeUndefined()
  })

  test('takes a database in memory with it for good', async () => {
    path = ':memory:'
    const storage = await openStorage()
    await threads[0]?.terminate()
    expect((await rejection(storage.runs.get('run_1'))).code).toBe('STORAGE_UNAVAILABLE')
    expect((await rejection(storage.commit([create(aRun())]))).code).toBe('STORAGE_UNAVAILABLE')
  })
})
