import { describe, expect, test } from 'vitest'

import { PerfectError } from '../../errors/perfect-error.ts'
import { parseWorkerMessage, runKeyOf } from './parse-message.ts'

const NOW = 1_800_000_000_000
const KEY = { runId: 'run_1', epoch: 1 }
const parse = (json: unknown): unknown => parseWorkerMessage(json, NOW)

function refusal(json: unknown): PerfectError {
  try {
    parse(json)
  } catch (error) {
    if (PerfectError.is(error, 'MESSAGE_INVALID')) return error
    throw error
  }
  throw new Error(`Not refused: ${JSON.stringify(json)}`)
}

describe('parseWorkerMessage()', () => {
  test('reads a hello and ignores what it does not know', () => {
    const hello = {
      type: 'hello',
      workerId: 'w1',
      name: null,
      protocol: { min: 1, max: 2 },
      sdk: { name: 'perfect_client', version: '0.1.0', language: 'python' },
      slots: 4,
      labels: { 'perfect.process': 'py:1' },
      flows: [{ name: 'a' }],
      inFlight: [{ ...KEY, eventSeq: 3, logSeq: 0 }],
      novelty: true,
    }
    expect(parse(hello)).toEqual({
      type: 'hello',
      workerId: 'w1',
      name: 'w1',
      protocol: { min: 1, max: 2 },
      sdk: 'perfect_client 0.1.0',
      slots: 4,
      labels: { 'perfect.process': 'py:1' },
      flows: [{ name: 'a' }],
      inFlight: [{ ...KEY, eventSeq: 3 }],
      draining: false,
    })
  })

  test('keeps results as text and errors in the stored form', () => {
    const error = {
      type: 'ValueError',
      message: 'a\0b',
      retryable: true,
      stack: 's',
      code: 'E1',
      cause: { message: 'deeper' },
    }
    const step = { key: 'a#1', task: 'a', attempt: 2 }
    const events = [
      { kind: 'step.completed', ...step, status: 'succeeded', result: { $type: 'date', value: null } },
      { kind: 'step.completed', ...step, status: 'failed', error, durationMs: 4.5 },
      { kind: 'run.completed', status: 'cancelled' },
      { kind: 'timer.set', key: 't', wakeAt: 'later' },
    ]
    const stored = { name: 'ValueError', message: 'a\uFFFDb', code: 'E1', details: { retryable: true }, stack: 's' }
    expect(parse({ type: 'run.events', ...KEY, firstSeq: 1, events })).toMatchObject({
      events: [
        { value: '{"$type":"date","value":null}', error: null, durationMs: 0 },
        { value: null, error: { ...stored, cause: { name: 'Error', message: 'deeper', code: null } }, durationMs: 4.5 },
        { status: 'cancelled', result: null, error: null },
        { kind: 'other' },
      ],
    })
  })

  test.each([
    ['warning', 'warn'],
    ['CRITICAL', 'error'],
    ['verbose', 'info'],
    ['__proto__', 'info'],
  ])('reads the log level %s as %s', (level, expected) => {
    expect(parse({ type: 'log.batch', ...KEY, firstSeq: 1, lines: [{ level, msg: 'm', t: 'never' }] })).toMatchObject({
      lines: [{ level: expected, at: NOW, message: 'm', task: null, fields: null }],
    })
  })

  test.each(['novelty', '__proto__', 'constructor'])('gives unknown for the type %s', (type) => {
    expect(parse({ type })).toEqual({ type: 'unknown', name: type })
  })

  test.each([
    [null, 'message', 'missing'],
    [[], 'message', 'a list of 0 items'],
    [{}, 'type', 'missing'],
    [{ type: 7 }, 'type', '7'],
    [{ type: 'run.accept', runId: '', epoch: 1 }, 'runId', '""'],
    [{ type: 'run.accept', runId: 'a\0', epoch: 1 }, 'runId', JSON.stringify('a\0')],
    [{ type: 'run.accept', runId: 'a', epoch: 0 }, 'epoch', '0'],
    [{ type: 'run.accept', runId: 'a', epoch: 2 ** 53 }, 'epoch', '9007199254740992'],
    [{ type: 'hello', workerId: 'w', protocol: 1 }, 'protocol', '1'],
    [{ type: 'heartbeat', n: 1, runs: [{ runId: 'a' }] }, 'runs[0].epoch', 'missing'],
    [{ type: 'run.reject', ...KEY, reason: 'mood' }, 'reason', '"mood"'],
    [{ type: 'run.events', ...KEY, firstSeq: 1, events: Array.from({ length: 257 }) }, 'events', 'a list of 257 items'],
    [
      {
        type: 'run.events',
        ...KEY,
        firstSeq: 1,
        events: [{ kind: 'step.started', key: 'k', task: 't', attempt: 1, weight: 0 }],
      },
      'events[0].weight',
      '0',
    ],
    [
      { type: 'run.events', ...KEY, firstSeq: 1, events: [{ kind: 'run.completed', status: 'failed' }] },
      'events[0].error',
      'missing',
    ],
    [{ type: 'progress', ...KEY, done: 'half' }, 'done', '"half"'],
  ])('refuses %j and names the field, the value and the fix', (json, field, value) => {
    const error = refusal(json)
    expect(error.details).toMatchObject({ field, value })
    expect(error.message).toBe(`"${field}" is ${value}. ${String(error.details['fix'])}`)
  })

  test('refuses a result that is too deep to be read back', () => {
    let result: unknown = 1
    for (let level = 0; level < 501; level++) result = [result]
    const event = { kind: 'run.completed', status: 'succeeded', result }
    expect(refusal({ type: 'run.events', ...KEY, firstSeq: 1, events: [event] }).details['field']).toBe(
      'events[0].result',
    )
  })
})

describe('runKeyOf()', () => {
  test('reads the run of a message whose rest is not valid', () => {
    expect(runKeyOf({ type: 'run.events', ...KEY, events: 7 })).toEqual(KEY)
    expect(runKeyOf({ type: 'run.events', runId: 7 })).toBeNull()
    expect(runKeyOf('text')).toBeNull()
  })
})
