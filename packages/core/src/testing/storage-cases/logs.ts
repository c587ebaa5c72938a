import assert from 'node:assert/strict'

import type { LogQuery, Storage } from '../../storage/storage.ts'
import { aFence, aHeldRun, aLogLine, append, aRun, create, finish } from '../records.ts'
import { group, type StorageCase } from './storage-case.ts'

const line = (message: string, fields: Parameters<typeof aLogLine>[0] = {}) => aLogLine({ message, ...fields })

async function messages(storage: Storage, query: Partial<LogQuery> = {}): Promise<readonly string[]> {
  const lines = await storage.logs.list({ runId: 'run_1', limit: 100, ...query })
  return lines.map(({ message }) => message)
}

async function withTenLines(storage: Storage): Promise<void> {
  const levels = ['debug', 'info', 'warn', 'error', 'info'] as const
  const lines = Array.from({ length: 10 }, (_, index) =>
    line(`line ${String(index + 1)}`, { level: levels[index % 5] ?? 'info', task: index < 5 ? 'load#1' : null }),
  )
  await storage.commit([create(aRun()), append(lines)])
}

/** Rules of `log.append`. */
export const logCases: readonly StorageCase[] = [
  ...group('log.append', [
    {
      title: 'stores every field of a line and numbers lines from 1',
      run: async (storage) => {
        const lines = [line('one', { level: 'error', task: 'load#1', fields: '{"rows":3}' }), line('')]
        await storage.commit([create(aRun())])
        assert.deepEqual(await storage.commit([append(lines)]), [{ accepted: true, firstSeq: 1 }])
        assert.deepEqual(
          await storage.logs.list({ runId: 'run_1', limit: 10 }),
          lines.map((stored, index) => ({ ...stored, runId: 'run_1', seq: index + 1 })),
        )
      },
    },
    {
      title: 'numbers the lines of each run without gaps, however appends are mixed',
      run: async (storage) => {
        await storage.commit([create(aRun()), create(aRun({ id: 'run_2' }))])
        const appends = Array.from({ length: 20 }, (_, index) =>
          storage.commit([append([line('a'), line('b')], { runId: index % 2 === 0 ? 'run_1' : 'run_2' })]),
        )
        const receipts = (await Promise.all(appends)).flat()
        assert.deepEqual(
          receipts.map((receipt) => receipt.accepted && receipt.firstSeq),
          Array.from({ length: 20 }, (_, index) => 1 + 2 * Math.floor(index / 2)),
        )
        const lines = await storage.logs.list({ runId: 'run_2', limit: 100 })
        assert.deepEqual(
          lines.map(({ seq }) => seq),
          Array.from({ length: 20 }, (_, index) => index + 1),
        )
      },
    },
    {
      title: 'takes no number for lines that were refused',
      run: async (storage) => {
        await storage.commit([create(aHeldRun()), append([line('one')])])
        const receipts = await storage.commit([
          append([line('no')], { fence: aFence({ epoch: 9 }) }),
          append([line('two')], { fence: aFence() }),
        ])
        assert.deepEqual(receipts, [
          { accepted: false, refusal: 'stale' },
          { accepted: true, firstSeq: 2 },
        ])
        assert.deepEqual(await messages(storage), ['one', 'two'])
        assert.equal(await storage.logs.count('run_1'), 2)
      },
    },
    {
      title: 'is open to anybody without a fence, also after the end',
      run: async (storage) => {
        await storage.commit([create(aHeldRun()), finish()])
        assert.deepEqual(await storage.commit([append([line('late')])]), [{ accepted: true, firstSeq: 1 }])
      },
    },
    {
      title: 'refuses a fence after the end, and a missing run',
      run: async (storage) => {
        assert.deepEqual(await storage.commit([append([line('x')])]), [{ accepted: false, refusal: 'missing' }])
        await storage.commit([create(aHeldRun()), finish()])
        const receipts = await storage.commit([append([line('x')], { fence: aFence() })])
        assert.deepEqual(receipts, [{ accepted: false, refusal: 'finished' }])
        assert.equal(await storage.logs.count('run_1'), 0)
      },
    },
    {
      title: 'takes no lines at all and tells the next number',
      run: async (storage) => {
        await storage.commit([create(aRun()), append([line('one')])])
        assert.deepEqual(await storage.commit([append([])]), [{ accepted: true, firstSeq: 2 }])
      },
    },
    {
      title: 'raises the number of the worker line, never lowers it, and changes nothing else of the run',
      run: async (storage) => {
        await storage.commit([create(aHeldRun()), append([line('a')], { fence: aFence(), workerLogSeq: 4 })])
        await storage.commit([append([line('b')], { fence: aFence(), workerLogSeq: 3 }), append([line('c')])])
        assert.deepEqual(await storage.runs.get('run_1'), aHeldRun({ workerLogSeq: 4 }))
      },
    },
  ]),
  ...group('logs.list', [
    {
      title: 'gives the first lines up to the limit',
      run: async (storage) => {
        await withTenLines(storage)
        assert.deepEqual(await messages(storage, { limit: 2 }), ['line 1', 'line 2'])
        assert.deepEqual(await messages(storage, { runId: 'run_2' }), [])
      },
    },
    {
      title: 'goes on after a number',
      run: async (storage) => {
        await withTenLines(storage)
        assert.deepEqual(await messages(storage, { after: 7, limit: 2 }), ['line 8', 'line 9'])
        assert.deepEqual(await messages(storage, { after: 10 }), [])
      },
    },
    {
      title: 'gives the last lines before a number, oldest first',
      run: async (storage) => {
        await withTenLines(storage)
        assert.deepEqual(await messages(storage, { before: 5, limit: 2 }), ['line 3', 'line 4'])
        assert.deepEqual(await messages(storage, { before: 2, limit: 5 }), ['line 1'])
        assert.deepEqual(await messages(storage, { after: 3, before: 9, limit: 2 }), ['line 7', 'line 8'])
      },
    },
    {
      title: 'gives a level and those above it',
      run: async (storage) => {
        await withTenLines(storage)
        assert.deepEqual(await messages(storage, { minLevel: 'warn' }), ['line 3', 'line 4', 'line 8', 'line 9'])
        assert.deepEqual(await messages(storage, { minLevel: 'error' }), ['line 4', 'line 9'])
        assert.equal((await messages(storage, { minLevel: 'debug' })).length, 10)
      },
    },
    {
      title: 'gives the lines of one task',
      run: async (storage) => {
        await withTenLines(storage)
        assert.deepEqual(await messages(storage, { task: 'load#1', after: 3 }), ['line 4', 'line 5'])
        assert.deepEqual(await messages(storage, { task: 'load' }), [])
      },
    },
    {
      title: 'finds text in any case, in any language, and takes no letter of it for a pattern',
      run: async (storage) => {
        const lines = [line('100% done'), line('ÄRGER in Zürich'), line('a_b'), line('axb'), line("it's")]
        await storage.commit([create(aRun()), append(lines)])
        assert.deepEqual(await messages(storage, { text: '0% DONE' }), ['100% done'])
        assert.deepEqual(await messages(storage, { text: 'ärger' }), ['ÄRGER in Zürich'])
        assert.deepEqual(await messages(storage, { text: 'A_B' }), ['a_b'])
        assert.deepEqual(await messages(storage, { text: "'" }), ["it's"])
        assert.equal((await messages(storage, { text: '' })).length, 5)
      },
    },
    {
      title: 'applies the limit after the filters',
      run: async (storage) => {
        await withTenLines(storage)
        const query = { minLevel: 'info', text: 'LINE', limit: 2 } as const
        assert.deepEqual(await messages(storage, { ...query, after: 4 }), ['line 5', 'line 7'])
        assert.deepEqual(await messages(storage, { ...query, before: 7 }), ['line 4', 'line 5'])
      },
    },
  ]),
]
