import { flow, FlowEngine, map, memoryStorage, step, task, type Storage } from '@perfect/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

/** Tasks that run until the test lets them end, in any order it likes. */
class Turnstile {
  readonly started: string[] = []
  readonly #waiting: { readonly name: string; readonly pass: () => void }[] = []

  async enter(name: string): Promise<void> {
    this.started.push(name)
    await new Promise<void>((pass) => this.#waiting.push({ name, pass }))
  }

  /** Lets one of those that wait pass; gives false when nobody waits. */
  async release(choice: number): Promise<boolean> {
    await settle()
    const [next] = this.#waiting.splice(choice % Math.max(1, this.#waiting.length), 1)
    next?.pass()
    await settle()
    return next !== undefined
  }
}

/** Gives promises, commits in memory and deliveries the time that they need. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** A storage whose process dies: from then on nothing is answered any more. */
function mortal(storage: Storage): { readonly storage: Storage; readonly die: () => void } {
  let isDead = false
  const never = new Promise<never>(() => undefined)
  return {
    die: () => (isDead = true),
    storage: {
      ...storage,
      open: () => storage.open(),
      commit: (changes) => (isDead ? never : storage.commit(changes).then((receipts) => (isDead ? never : receipts))),
    },
  }
}

const ITEMS = ['a', 'b', 'c', 'd']

/** @param order What the flow has seen end, in the order in which it saw it. */
function branches(turnstile: Turnstile, order: string[]) {
  const first = task('first', async (item: string) => {
    await turnstile.enter(`first ${item}`)
    return item.toUpperCase()
  })
  const second = task('second', async (text: string) => {
    await turnstile.enter(`second ${text}`)
    return `${text}!`
  })
  return flow('branches', async () => {
    const results = await map('items', ITEMS, async (item) => {
      const text = await first(item)
      order.push(text)
      return second(text)
    })
    return step('join', () => results.join(' '))
  })
}

describe('I3 I4 replay', () => {
  it('gives the recorded results in the recorded order, whatever order the tasks end in, and runs no recorded task again', async () => {
    const choices = fc.array(fc.nat(20), { minLength: 9, maxLength: 9 })
    await fc.assert(
      fc.asyncProperty(choices, choices, fc.integer({ min: 0, max: 7 }), async (before, after, crashAt) => {
        const kept = memoryStorage()
        const { storage, die } = mortal(kept)
        const turnstile = new Turnstile()
        const first = new FlowEngine({ storage, clock: quietClock })
        const orderBefore: string[] = []
        const definition = branches(turnstile, orderBefore)
        first.registerFlow(definition)
        const { id } = await first.triggerFlow(definition, 'debug')
        for (const choice of before.slice(0, crashAt)) await turnstile.release(choice)
        await settle()
        die()
        const recorded = (await kept.tasks.list(id)).filter(({ position }) => position !== null)
        await kept.commit([{ type: 'engine.remove', engineId: first.id }])

        const rest = new Turnstile()
        const second = new FlowEngine({ storage: kept })
        const orderAfter: string[] = []
        second.registerFlow(branches(rest, orderAfter))
        await second.start()
        for (let index = 0; (await second.getRun(id)).finishedAt === null; index++) {
          await rest.release(after[index % after.length] ?? 0)
          if (index > 100) throw new Error('the run does not end')
        }
        const { run, result, tasks } = await second.getRunDetail(id)
        expect(run).toMatchObject({ status: 'succeeded' })
        expect(result).toBe('A! B! C! D!')
        // A flow that depends on the order of completion sees the same order again.
        expect(orderAfter.slice(0, orderBefore.length)).toEqual(orderBefore)
        expect(tasks).toHaveLength(2 * ITEMS.length + 1)
        const again = rest.started.filter((name) =>
          recorded.some((record) => name === startedName(record.name, record.value)),
        )
        expect(again).toEqual([])
        await second.stop({ drainMs: 0 })
      }),
      { numRuns: 60 },
    )
  }, 60_000)
})

/** What the turnstile has seen of a recorded task. */
function startedName(name: string, value: string | null): string {
  const text = String(JSON.parse(value ?? 'null'))
  return name === 'first' ? `first ${text.toLowerCase()}` : `second ${text.slice(0, -1)}`
}

/** Timers of an engine that was killed must not run on in the test. */
const quietClock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer: () => () => undefined,
}
