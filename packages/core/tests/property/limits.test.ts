import { flow, FlowEngine, memoryStorage, sleep, task, type Flow, type Storage } from '@perfect/core'
import { sqliteStorage } from '@perfect/core/sqlite'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { ManualClock } from '../../src/testing/manual-clock.ts'

interface Work {
  readonly engine: number
  readonly key: string
  readonly ms: number
  readonly naps: boolean
}

interface Story {
  readonly limit: number
  readonly keyLimit: number
  readonly taskLimit: number
  readonly rate: number
  readonly runs: readonly Work[]
  /** When engines die, and which. */
  readonly crashes: readonly { readonly second: number; readonly engine: number }[]
}

const ENGINES = 3
const RATE_MS = 5000
const SECONDS = 400

const story: fc.Arbitrary<Story> = fc.record({
  limit: fc.integer({ min: 1, max: 3 }),
  keyLimit: fc.integer({ min: 1, max: 2 }),
  taskLimit: fc.integer({ min: 1, max: 2 }),
  rate: fc.integer({ min: 1, max: 3 }),
  runs: fc.array(
    fc.record({
      engine: fc.nat({ max: ENGINES - 1 }),
      key: fc.constantFrom('a', 'b'),
      ms: fc.integer({ min: 1, max: 4000 }),
      naps: fc.boolean(),
    }),
    { minLength: 3, maxLength: 10 },
  ),
  // The last engine lives, so that all work is done in the end.
  crashes: fc.array(fc.record({ second: fc.integer({ min: 1, max: 20 }), engine: fc.nat({ max: ENGINES - 2 }) }), {
    maxLength: 2,
  }),
})

/** A storage as an engine sees it whose process can be killed: what is on its way then is never answered. */
function mortal(storage: Storage): { readonly storage: Storage; readonly kill: () => void } {
  const life = new AbortController()
  const isOver = (): boolean => life.signal.aborted
  const answer = async <R>(call: () => Promise<R>): Promise<R> => {
    if (isOver()) return new Promise<R>(() => undefined)
    const result = await call()
    return isOver() ? new Promise<R>(() => undefined) : result
  }
  const guarded = <T extends object>(part: T): T =>
    new Proxy(part, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name)
        if (typeof member === 'function')
          return (...args: unknown[]) => answer(() => Reflect.apply(member, target, args) as Promise<unknown>)
        return typeof member === 'object' && member !== null ? guarded(member) : member
      },
    })
  const shared = { ...storage, open: () => Promise.resolve(), close: () => Promise.resolve() }
  return { storage: guarded(shared), kill: () => life.abort() }
}

/** What runs now, counted where the work is done; work of a killed engine is gone. */
class Audit {
  readonly running = new Map<object, { readonly engine: number; readonly slots: readonly string[] }>()
  /** When places were taken: at some instant between the question and its answer. */
  readonly takes: { readonly askedAt: number; readonly answeredAt: number }[] = []
  readonly excess: string[] = []
  readonly #limits: Readonly<Record<string, number>>

  constructor(limits: Readonly<Record<string, number>>) {
    this.#limits = limits
  }

  begin(engine: number, slots: readonly string[]): () => void {
    const id = {}
    this.running.set(id, { engine, slots })
    for (const slot of slots) {
      const count = [...this.running.values()].filter((one) => one.slots.includes(slot)).length
      if (count > (this.#limits[slot] ?? 0)) this.excess.push(`${String(count)} of ${slot}`)
    }
    return () => void this.running.delete(id)
  }

  killed(engine: number): void {
    for (const [id, one] of this.running) if (one.engine === engine) this.running.delete(id)
  }
}

class World {
  readonly clock = new ManualClock()
  readonly audit: Audit
  readonly #told: Story
  readonly #store: Storage
  readonly #alive = new Map<
    number,
    { readonly engine: FlowEngine; readonly work: Flow<Work, void>; readonly kill: () => void }
  >()

  constructor(told: Story, open: (clock: ManualClock) => Storage) {
    this.#told = told
    this.#store = open(this.clock)
    const { limit, keyLimit, taskLimit } = told
    this.audit = new Audit({
      flow: limit,
      'flow a': keyLimit,
      'flow b': keyLimit,
      'task a': taskLimit,
      'task b': taskLimit,
    })
  }

  async play(): Promise<readonly string[]> {
    await this.#store.open()
    for (let index = 0; index < ENGINES; index++) await this.#start(index)
    for (const one of this.#told.runs) {
      const { engine, work } = this.#at(one.engine)
      await engine.triggerFlow(work, { input: one })
    }
    const { engine: last } = this.#at(ENGINES - 1)
    const ended = async () => (await last.getRuns({ limit: 100, statuses: ['succeeded'] })).items.map(({ id }) => id)
    for (let second = 1; second < SECONDS && (await ended()).length < this.#told.runs.length; second++) {
      for (const crash of this.#told.crashes) if (crash.second === second) this.#kill(crash.engine)
      await this.clock.advance(1000)
    }
    const found = await ended()
    const stopping = Promise.all([...this.#alive.values()].map(({ engine }) => engine.stop({ drainMs: 0 })))
    await this.clock.advance(100)
    await stopping
    await this.#store.close()
    return found
  }

  // What the storage has let start is noted here, also when a killed engine never hears of it.
  #watched(): Storage {
    const { clock, audit } = this
    const commit: Storage['commit'] = async (changes) => {
      const askedAt = clock.now()
      const receipts = await this.#store.commit(changes)
      for (const [index, change] of changes.entries())
        if (change.type === 'slots.take' && receipts[index]?.accepted === true)
          audit.takes.push({ askedAt, answeredAt: clock.now() })
      return receipts
    }
    return { ...this.#store, commit }
  }

  #at(index: number) {
    const found = this.#alive.get(index)
    if (!found) throw new Error(`engine ${String(index)} is gone`)
    return found
  }

  #kill(index: number): void {
    this.#alive.get(index)?.kill()
    this.#alive.delete(index)
    this.audit.killed(index)
  }

  async #start(index: number): Promise<void> {
    const { storage, kill } = mortal(this.#watched())
    const engine = new FlowEngine({ storage, clock: this.clock, concurrency: 4, onError: () => undefined })
    const work = this.#flow(index)
    engine.registerFlow(work)
    await engine.start()
    this.#alive.set(index, { engine, work, kill })
  }

  #flow(index: number): Flow<Work, void> {
    const { limit, keyLimit, taskLimit, rate } = this.#told
    const { audit, clock } = this
    const isAlive = (): boolean => this.#alive.has(index)
    const wait = (ms: number): Promise<void> => new Promise((resolve) => void clock.setTimer(ms, resolve))
    const call = task(
      'call',
      { concurrency: { limit: taskLimit, key: ({ key }: Work) => key }, rateLimit: { limit: rate, per: RATE_MS } },
      async ({ key, ms }: Work) => {
        if (!isAlive()) return
        const end = audit.begin(index, [`task ${key}`])
        await wait(ms)
        end()
      },
    )
    const perKey = { limit: keyLimit, key: ({ key }: Work) => key }
    return flow('work', { concurrency: { limit, perKey } }, async (input: Work) => {
      if (!isAlive()) return
      const slots = ['flow', `flow ${input.key}`]
      let end = audit.begin(index, slots)
      await call(input)
      if (input.naps) {
        // Asleep it gives its places back.
        end()
        await sleep('1m')
        end = audit.begin(index, slots)
      }
      end()
    })
  }
}

describe.each([
  ['memory', (clock: ManualClock): Storage => memoryStorage({ clock }), 150],
  ['sqlite', (clock: ManualClock): Storage => sqliteStorage(':memory:', { clock }), 10],
] as const)('I11 engines that share a %s storage', (_name, open, numRuns) => {
  it('never exceed a limit or a rate, whoever is killed when, and do all the work', async () => {
    await fc.assert(
      fc.asyncProperty(story, async (told) => {
        const world = new World(told, open)
        expect(await world.play()).toHaveLength(told.runs.length)
        expect(world.audit.excess).toEqual([])
        const { takes } = world.audit
        expect(takes.length).toBeGreaterThanOrEqual(told.runs.length)
        const asked = takes.map(({ askedAt }) => askedAt).toSorted((x, y) => x - y)
        const answered = takes.map(({ answeredAt }) => answeredAt).toSorted((x, y) => x - y)
        const distances = answered.slice(told.rate).map((at, index) => at - (asked[index] ?? Infinity))
        expect(Math.min(RATE_MS, ...distances)).toBe(RATE_MS)
      }),
      { numRuns },
    )
  }, 60_000)
})
