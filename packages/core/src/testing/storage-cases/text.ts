import assert from 'node:assert/strict'

import type { Storage } from '../../storage/storage.ts'
import { aFence, aFlow, aHeldRun, aLogLine, append, aTask, create, finish, put } from '../records.ts'
import { group, type StorageCase } from './storage-case.ts'

const TEXTS: Readonly<Record<string, string>> = {
  'an emoji and a combining letter': '🏗️ e\u0301 \u{10FFFF}',
  'half a surrogate pair': 'cut here \uD83D',
  'the other half alone': '\uDE00 and text',
  'a NUL': 'before\u0000after',
  'every control character': Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)).join(''),
  'a control character in front': '\u0010"x"',
  'quotes and backslashes': `'"\`\\ \\u0041 -- ; DROP TABLE runs`,
  'an empty text': '',
  'the name of a prototype': '__proto__',
  'the name of a property of every object': 'constructor',
  'a hundred thousand letters': 'ß'.repeat(100_000),
}

async function keepsText(storage: Storage, text: string): Promise<void> {
  const run = aHeldRun({ id: `run ${text}`, flowId: text, cancelReason: text, idempotencyKey: text })
  const fence = aFence({ runId: run.id })
  const task = aTask({ runId: run.id, key: text, name: text, value: JSON.stringify(text) })
  const line = aLogLine({ message: text, task: text, fields: JSON.stringify({ [text]: text }) })
  const error = { name: text, message: text, code: text, details: JSON.parse(`{${JSON.stringify(text)}:1}`) as object }
  const receipts = await storage.commit([
    create(run, JSON.stringify(text)),
    put(task),
    append([line], { runId: run.id, fence }),
    finish({ ...fence, status: 'failed', result: text, error: { ...error, details: { ...error.details } } }),
    { type: 'flow.put', flow: aFlow({ id: text, name: text, definition: text }) },
  ])
  assert.ok(receipts.every((receipt) => receipt.accepted))
  const stored = await storage.runs.get(run.id)
  assert.deepEqual(
    [stored?.id, stored?.flowId, stored?.cancelReason, stored?.idempotencyKey],
    [run.id, text, text, text],
  )
  assert.deepEqual([stored?.error?.message, stored?.error?.code], [text, text])
  assert.equal(await storage.runs.input(run.id), JSON.stringify(text))
  assert.equal(await storage.runs.result(run.id), text)
  assert.deepEqual(await storage.tasks.list(run.id), [task])
  const query = { runId: run.id, task: text, text: text.slice(0, 100), limit: 10 }
  assert.deepEqual(await storage.logs.list(query), [{ ...line, runId: run.id, seq: 1 }])
  assert.deepEqual(await storage.flows.list(), [aFlow({ id: text, name: text, definition: text })])
  assert.equal((await storage.runs.list({ flowIds: [text], limit: 1 })).length, 1)
  const again = await storage.commit([create({ ...run, id: 'run_2' })])
  assert.deepEqual(again, [{ accepted: false, refusal: 'duplicate', runId: run.id }])
}

/** Every text comes back as it was. */
export const textCases: readonly StorageCase[] = group(
  'text',
  Object.entries(TEXTS).map(([what, text]) => ({
    title: `gives back ${what} unchanged`,
    run: (storage: Storage) => keepsText(storage, text),
  })),
)
