/*
 * Senders, waiting runs, deadlines, cancels and crashes in any order, with two engines on one storage. Whatever happens, each signal gets
 * to the flow of one run, or is still there for the next one that waits.
 */
import { flow, memoryStorage, PerfectError, waitFor, type Storage } from '@perfect/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { decodeValue } from '../../src/primitives/value.ts'
import { ManualClock } from '../../src/testing/manual-clock.ts'
import { MortalEngine } from '../../src/testing/test-engine/mortal-engine.ts'

interface Wanted {
  readonly match: string
  readonly inTurn: number
  readonly atOnce: number
}

type Action =
  | { readonly kind: 'trigger'; readonly wanted: Wanted }
  | { readonly kind: 'send'; readonly match: string }
  | { readonly kind: 'signal'; readonly run: number }
  | { readonly kind: 'cancel'; readonly run: number; readonly force: boolean }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'kill'; readonly engine: number; readonly inChanges: number; readonly moment: 'before' | 'after' }

const TIMEOUT_MS = 20_000
const LEASE_MS = 6000
const RUNS = 150

const match = fc.constantFrom('a', 'b')
const engine = fc.integer({ min: 0, max: 1 })
const run = fc.integer({ min: 0, max: 5 })
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('trigger' as const),
      wanted: fc.record({ match, inTurn: fc.integer({ min: 0, max: 2 }), atOnce: fc.integer({ min: 0, max: 2 }) }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('send' as const), match }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('signal' as const), run }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), run, force: fc.boolean() }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      ms: fc.constantFrom(0, 1, 400, 1000, 3000, 19_000, 20_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('kill' as const),
      engine,
      inChanges: fc.integer({ min: 0, max: 12 }),
      moment: fc.constantFrom('before' as const, 'after' as const),
    }),
  },
)

const consumer = flow('consumer', async ({ match: wanted, inTurn, atOnce }: Wanted) => {
  const options = { match: wanted, timeout: TIMEOUT_MS }
  const got: unknown[] = []
  for (let turn = 0; turn < inTurn; turn++) got.push(await waitFor('go', options))
  got.push(...(await Promise.all(Array.from({ length: atOnce }, () => waitFor('go', options)))))
  return got
})

/** Takes what is left, until nothing comes any more. */
const collector = flow('collector', async (wanted: string) => {
  const got: unknown[] = []
  for (let next = await take(wanted); next !== undefined; next = await take(wanted)) got.push(next)
  return got
})

function take(wanted: string): Promise<unknown> {
  return waitFor('go', { match: wanted, timeout: 1000 })
}

class World {
  readonly clock = new ManualClock()
  readonly storage: Storage
  readonly sent = new Set<string>()
  readonly #engines: MortalEngine[] = []
  readonly #kills: (Extract<Action, { kind: 'kill' }> & { left: number })[] = []
  readonly #runIds: string[] = []
  readonly #open: (() => Promise<unknown>)[] = []

  constructor() {
    // Engines of several processes, as far as they know.
    this.storage = { ...memoryStorage({ clock: this.clock }), capabilities: { durable: true, multiProcess: true } }
  }

  async open(): Promise<void> {
    await this.storage.open()
    await this.#start(0)
    await this.#start(1)
  }

  async act(one: Action): Promise<void> {
    const runId = 'run' in one ? this.#runIds[one.run] : undefined
    const number = this.sent.size
    if (one.kind === 'trigger') await this.#trigger(one.wanted)
    else if (one.kind === 'send') await this.#send(`${one.match} ${String(number)}`, { match: one.match })
    else if (one.kind === 'signal' && runId) await this.#send(`own ${String(number)}`, { runId })
    else if (one.kind === 'cancel' && runId) void this.#alive().cancelRun(runId, { force: one.force }).catch(ignore)
    else if (one.kind === 'kill') this.#kills.push({ ...one, left: one.inChanges })
    else if (one.kind === 'pass') await this.pass(one.ms)
    await this.#restart()
  }

  /** Nothing goes wrong any more: everything that was asked for and not answered is asked again, and all runs end. */
  async heal(): Promise<void> {
    this.#kills.length = 0
    await this.#restart()
    for (const again of this.#open.splice(0)) void again().catch(ignore)
    await this.pass(20 * TIMEOUT_MS)
  }

  /** What flows have got, and what is left for others. */
  async delivered(): Promise<readonly string[]> {
    const runs = await this.storage.runs.list({ flowIds: ['consumer'], limit: 100 })
    for (const { id, finishedAt } of runs) if (finishedAt === null) throw new Error(`${id} has not ended.`)
    const handles = await Promise.all(['a', 'b'].map((input) => this.#alive().triggerFlow(collector, { input })))
    await this.pass(60_000)
    const rest = await Promise.all(handles.map((handle) => handle.result()))
    // By the records: a run that was cancelled has no result, and has got what was recorded before.
    const tasks = (await Promise.all(runs.map(({ id }) => this.storage.tasks.list(id)))).flat()
    const got = tasks.map(({ position, value }) => (position === null || value === null ? null : decodeValue(value)))
    return [...got, ...rest.flat()].filter((one) => typeof one === 'string').toSorted(byText)
  }

  async close(): Promise<void> {
    const stopping = this.#engines.filter(({ isAlive }) => isAlive).map(({ engine: one }) => one.stop({ drainMs: 0 }))
    await this.clock.advance(20_000)
    await Promise.all(stopping)
  }

  pass(ms: number): Promise<void> {
    return this.clock.advance(ms)
  }

  #alive(): MortalEngine['engine'] {
    const alive = this.#engines.find(({ isAlive }) => isAlive)
    if (alive === undefined) throw new Error('No engine is alive.')
    return alive.engine
  }

  async #start(index: number): Promise<void> {
    const options = {
      storage: this.storage,
      clock: this.clock,
      leaseMs: LEASE_MS,
      parkAfterMs: 2000,
      concurrency: 3,
      onError: ignore,
    }
    const mortal = new MortalEngine(options, { momentOf: () => this.#momentOf(index) })
    mortal.engine.registerFlow(consumer)
    mortal.engine.registerFlow(collector)
    this.#engines[index] = mortal
    void mortal.engine.start().catch(ignore)
    await this.pass(0)
  }

  async #restart(): Promise<void> {
    for (const index of [0, 1]) while (this.#engines[index]?.isAlive === false) await this.#start(index)
  }

  #momentOf(index: number): 'before' | 'after' | null {
    const next = this.#kills.find((kill) => kill.engine === index)
    if (next === undefined || next.left-- > 0) return null
    this.#kills.splice(this.#kills.indexOf(next), 1)
    return next.moment
  }

  async #trigger(input: Wanted): Promise<void> {
    const idempotencyKey = `run ${String(this.#runIds.length)}`
    await this.#ask(async () => {
      const { id } = await this.#alive().triggerFlow(consumer, { input, idempotencyKey })
      if (!this.#runIds.includes(id)) this.#runIds.push(id)
    })
  }

  async #send(id: string, to: { readonly match: string } | { readonly runId: string }): Promise<void> {
    this.sent.add(id)
    await this.#ask(async () => {
      if ('match' in to) await this.#alive().sendSignal('go', id, { match: to.match, id })
      else await this.#alive().signalRun(to.runId, 'go', id, { id })
    })
  }

  // Who gets no answer asks again later, in the same words.
  async #ask(ask: () => Promise<unknown>): Promise<void> {
    const asked = ask().then(
      () => true,
      (error: unknown) => PerfectError.is(error, 'RUN_FINISHED'),
    )
    const isAnswered = await Promise.race([asked, this.pass(0).then(() => false)])
    if (!isAnswered) this.#open.push(ask)
  }
}

function byText(left: string, right: string): number {
  return left < right ? -1 : Number(left > right)
}

function ignore(): void {
  // What fails is asked again.
}

describe('signals', () => {
  it('get to one flow each or stay for others, in any order of sends, waits, deadlines, cancels and crashes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
        const world = new World()
        await world.open()
        for (const one of actions) await world.act(one)
        await world.heal()
        const delivered = await world.delivered()
        await world.close()
        expect(delivered.length).toBe(new Set(delivered).size)
        const isForAnybody = (id: string): boolean => !id.startsWith('own')
        expect(delivered.filter(isForAnybody)).toEqual([...world.sent].filter(isForAnybody).toSorted(byText))
      }),
      { numRuns: RUNS },
    )
  }, 120_000)
})
