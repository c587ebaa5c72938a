import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { ClientFiles, MAX_FILE_BYTES } from '../../src/processes/client-files.ts'
import type { ClientLogView } from '../../src/processes/client-view.ts'

let folder = ''
let reported: string[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'perfect-clients-'))
  reported = []
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const filesOf = (clientId = 'worker', inFolder = folder): ClientFiles =>
  new ClientFiles({ folder: inFolder, clientId, report: (_error, doing) => reported.push(doing) })
const line = (seq: number, text = `line ${String(seq)}`): ClientLogView => ({
  seq,
  at: '2026-11-23T12:00:00.000Z',
  stream: 'stdout',
  text,
})
const lines = (from: number, to: number, text?: string): ClientLogView[] =>
  Array.from({ length: to - from + 1 }, (_, index) => line(from + index, text))

describe('the output of a client in files', () => {
  test('is there for the next life of the host', async () => {
    const files = filesOf()
    expect(await files.open(100)).toEqual([])
    files.append(lines(1, 2))
    files.append([line(3, 'a "quoted" line\nwith a break, and 😀')])
    await files.settled()
    expect(await filesOf().open(100)).toEqual([...lines(1, 2), line(3, 'a "quoted" line\nwith a break, and 😀')])
    expect(await filesOf().open(2)).toHaveLength(2)
  })

  test('is for the owner only', async () => {
    const files = filesOf()
    await files.open(1)
    files.append(lines(1, 1))
    await files.settled()
    expect(statSync(join(folder, 'worker.log')).mode & 0o777).toBe(0o600)
  })

  test('goes on in a new file when one is full, and forgets the oldest', async () => {
    const files = filesOf()
    await files.open(1)
    const long = 'x'.repeat(MAX_FILE_BYTES / 4)
    for (let seq = 1; seq <= 32; seq++) {
      files.append([line(seq, long)])
      await files.settled()
    }
    expect(readdirSync(folder).toSorted()).toEqual(['worker.1.log', 'worker.2.log', 'worker.3.log', 'worker.4.log'])
    files.append([line(33)])
    const all: number[] = []
    for await (const part of files.all()) all.push(...part.map(({ seq }) => seq))
    expect(all).toEqual(Array.from({ length: 17 }, (_, index) => 17 + index))
    const again = await filesOf().open(6)
    expect(again.map(({ seq }) => seq)).toEqual([28, 29, 30, 31, 32, 33])
  })

  test('leaves a line out that a crash has cut, and what somebody else has written', async () => {
    writeFileSync(join(folder, 'worker.log'), `${JSON.stringify(line(1))}\nhello\n{"seq":"x"}\n{"seq":2,"at":"20`)
    const files = filesOf()
    expect(await files.open(10)).toEqual([line(1)])
    files.append([line(2)])
    await files.settled()
    expect(await filesOf().open(10)).toEqual([line(1), line(2)])
  })

  test('is left out beyond 8 MiB that wait for the disk, which the numbers show', async () => {
    const files = filesOf()
    await files.open(1)
    files.append(lines(1, 40, 'x'.repeat(1024 * 1024)))
    files.append([line(41)])
    await files.settled()
    const seqs = (await filesOf().open(100)).map(({ seq }) => seq)
    expect(seqs.length).toBeLessThan(10)
    expect(seqs).toEqual(seqs.toSorted((left, right) => left - right))
  })

  test('keeps clients apart, whatever their ids are', async () => {
    const ids = ['a/b', 'a_b', '../../etc', 'CON', '', 'ü', 'x'.repeat(300)]
    for (const id of ids) {
      const files = filesOf(id)
      await files.open(1)
      files.append([line(1, id)])
      await files.settled()
    }
    for (const id of ids) expect(await filesOf(id).open(10)).toEqual([line(1, id)])
    expect(readdirSync(folder)).toHaveLength(ids.length)
  })

  test('is reported once when it cannot be written, and then kept again', async () => {
    const file = join(folder, 'no folder')
    writeFileSync(file, '')
    const files = filesOf('worker', file)
    expect(await files.open(10)).toEqual([])
    files.append(lines(1, 1))
    await files.settled()
    files.append(lines(2, 2))
    await files.settled()
    expect(reported).toEqual([`keeping the output of client "worker" in ${file}`])
    rmSync(file)
    await files.open(10)
    files.append(lines(3, 3))
    await files.settled()
    expect(await filesOf('worker', file).open(10)).toEqual(lines(3, 3))
  })
})

describe('the process of a client in a file', () => {
  test('is known to the next life of the host until it has ended', async () => {
    const files = filesOf()
    await files.open(1)
    expect(await files.readProcess()).toBeNull()
    await files.noteProcess('some process')
    expect(await filesOf().readProcess()).toBe('some process')
    await files.noteProcess(null)
    await files.noteProcess(null)
    expect(await filesOf().readProcess()).toBeNull()
    expect(reported).toEqual([])
  })
})
