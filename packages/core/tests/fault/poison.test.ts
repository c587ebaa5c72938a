import { current, flow, map, step } from '@perfect/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { testEngine, type TestEngine } from '../../src/testing/test-engine/test-engine.ts'

/** A value that throws whatever is done with it. */
const hostile: unknown = new Proxy(
  {},
  new Proxy(
    {},
    {
      get: () => () => {
        throw new TypeError('do not touch')
      },
    },
  ),
)
const cyclic: Record<string, unknown> = {}
cyclic['self'] = cyclic

let kit: TestEngine
const strays: unknown[] = []
const onStray = (reason: unknown): void => void strays.push(reason)

beforeEach(async () => {
  process.on('unhandledRejection', onStray)
  kit = await testEngine({ verifyReplays: false, engine: { onError: () => undefined } })
})
afterEach(async () => {
  await kit.stop()
  process.off('unhandledRejection', onStray)
  strays.length = 0
})

/** How a run ends whose only task does this; another run beside it must not notice. */
async function ends(body: () => unknown): Promise<string> {
  const poison = flow('poison', () => step('poison', body))
  const good = flow('good', () => step('work', () => 'fine'))
  kit.engine.registerFlow(poison)
  kit.engine.registerFlow(good)
  const [bad, fine] = [await kit.engine.triggerFlow(poison), await kit.engine.triggerFlow(good)]
  const ended = await kit.finish(bad.id)
  expect((await kit.finish(fine.id)).result).toBe('fine')
  expect((await kit.engine.health()).status).toBe('ok')
  return ended.status
}

const round = new Error('round')
round.cause = round

function throwing(value: unknown): () => never {
  return () => {
    throw value
  }
}

/** Arrays inside of each other. */
function nested(levels: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < levels; level++) value = [value]
  return value
}

describe('F-19 a task that does its worst', () => {
  it.each([
    ['throws undefined', throwing(undefined)],
    ['throws a symbol', throwing(Symbol('no'))],
    ['throws a frozen error', throwing(Object.freeze(new Error('cold')))],
    ['throws an error that throws when it is looked at', throwing(hostile)],
    ['throws an error that is its own cause', throwing(round)],
    ['returns itself inside itself', () => cyclic],
    ['returns a function', () => () => 1],
    ['returns what throws when it is looked at', () => hostile],
    [
      'returns something with a getter that throws',
      () => Object.defineProperty({}, 'a', { get: throwing(round), enumerable: true }),
    ],
    ['returns 100,000 levels', () => nested(100_000)],
  ])('%s fails its run and nothing else', async (_what, body) => {
    expect(await ends(body)).toBe('failed')
    expect(strays).toEqual([])
  })

  it('rejects and logs long after its run has ended, and nobody cares', async () => {
    const late = flow('late', () =>
      step('late', () => {
        const { log, progress } = current()
        setImmediate(() => {
          log.info('too late')
          progress(0.5)
          progress(Number.NaN)
        })
        return 1
      }),
    )
    kit.engine.registerFlow(late)
    const { id, result } = await kit.run(late)
    await kit.advance('1m')
    expect([result, (await kit.engine.getRun(id)).progress.percent]).toEqual([1, 100])
    expect(strays).toEqual([])
  })

  it('returns 20 MB, and gets them back', async () => {
    const big = flow('big', async () => (await step('big', () => 'x'.repeat(20_000_000))).length)
    kit.engine.registerFlow(big)
    expect((await kit.run(big)).result).toBe(20_000_000)
  })
})

describe('F-25 input of any size and shape', () => {
  const echo = flow('echo', (input: unknown) => step('echo', () => input))
  beforeEach(() => kit.engine.registerFlow(echo))

  it.each([
    ['100,000 keys', Object.fromEntries(Array.from({ length: 100_000 }, (_, key) => [`key ${String(key)}`, key]))],
    ['400 levels', nested(400)],
    ['names of JavaScript itself', JSON.parse('{"__proto__":{"isAdmin":true},"constructor":1,"toString":null}')],
    ['lone surrogates and controls', '\ud800 \udfff \u0000 \u2028'],
    ['5 MB of text', 'ü'.repeat(5_000_000)],
  ])('comes back as it was: %s', async (_what, input) => {
    const { result } = await kit.run(echo, { input: input as unknown })
    expect(result).toEqual(input)
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined()
  })

  it('is refused before anything is stored when it is too deep or no data', async () => {
    for (const input of [nested(10_000), cyclic, () => 1])
      await expect(kit.engine.triggerFlow(echo, { input })).rejects.toThrow(
        expect.objectContaining({ code: 'VALUE_UNSERIALIZABLE' }),
      )
    await expect(kit.engine.triggerFlow(echo, { input: hostile })).rejects.toThrow('do not touch')
    expect((await kit.engine.getRuns()).items).toEqual([])
  })

  it('may fan out to 5,000 tasks in one run', async () => {
    const wide = flow('wide', async () => {
      const items = Array.from({ length: 5000 }, (_, index) => index)
      return (await map('items', items, (item) => step('one', () => item), { concurrency: 500 })).length
    })
    kit.engine.registerFlow(wide)
    expect((await kit.run(wide)).result).toBe(5000)
  })
})
