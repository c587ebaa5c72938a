import { flow, step, type FlowEngine, type RunView } from '@perfect/core'
import { afterEach, describe, expect, it } from 'vitest'

import { countOpenStreams } from '../../src/live/open-streams.ts'
import { ended, expectProblem, startApi, until, type SampleApi } from '../sample-api.ts'

interface Message {
  readonly id: string
  readonly event: string
  readonly data: Record<string, unknown>
}

/** Reads a stream as a browser would. */
class Reader {
  readonly response: Response
  readonly comments: string[] = []
  /** What a browser would send when it came back. */
  lastEventId = ''
  readonly #abort: AbortController
  readonly #body: ReadableStreamDefaultReader<Uint8Array>
  readonly #messages: Message[] = []
  #text = ''

  constructor(response: Response, abort: AbortController) {
    this.response = response
    this.#abort = abort
    this.#body = (response.body as ReadableStream<Uint8Array>).getReader()
  }

  /** The next message; undefined at the end of the stream. */
  async next(): Promise<Message | undefined> {
    while (this.#messages.length === 0) if (!(await this.#read())) return undefined
    return this.#messages.shift()
  }

  /** Messages up to and with the first of a type. */
  async upTo(event: string): Promise<Message[]> {
    const messages: Message[] = []
    for (;;) {
      const message = await this.next()
      if (!message) throw new Error(`The stream ended before "${event}".`)
      messages.push(message)
      if (message.event === event) return messages
    }
  }

  async nextComment(): Promise<string> {
    while (this.comments.length === 0) if (!(await this.#read())) throw new Error('The stream ended.')
    return this.comments.shift() ?? ''
  }

  close(): void {
    this.#abort.abort()
  }

  async #read(): Promise<boolean> {
    const { done, value } = await this.#body.read()
    if (done) return false
    this.#text += new TextDecoder().decode(value)
    const blocks = this.#text.split('\n\n')
    this.#text = blocks.pop() ?? ''
    for (const block of blocks) this.#take(block)
    return true
  }

  #take(block: string): void {
    const fields = block.split('\n').map((line) => line.split(/: (.*)/s, 2) as [string, string])
    const field = (name: string): string | undefined => fields.find(([key]) => key === name)?.[1]
    const comment = field('')
    if (comment !== undefined) this.comments.push(comment)
    this.lastEventId = field('id') ?? this.lastEventId
    const data = field('data')
    if (data !== undefined)
      this.#messages.push({
        id: field('id') ?? '',
        event: field('event') ?? '',
        data: JSON.parse(data) as Message['data'],
      })
  }
}

const readers: Reader[] = []

afterEach(() => {
  for (const reader of readers.splice(0)) reader.close()
})

async function open({ app }: SampleApi, query = '', headers: Record<string, string> = {}): Promise<Reader> {
  const abort = new AbortController()
  const response = await app.request(`/engine/events${query}`, { headers, signal: abort.signal })
  expect(response.status).toBe(200)
  const reader = new Reader(response, abort)
  readers.push(reader)
  return reader
}

async function runNote(engine: FlowEngine): Promise<RunView> {
  return ended(engine, (await engine.triggerFlow('note')).id)
}

describe('GET /engine/events', () => {
  it('greets, then sends what happens, with numbers', async () => {
    const api = await startApi()
    const reader = await open(api)
    expect(Object.fromEntries(reader.response.headers)).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    const { lastId } = api.engine.events
    expect(await reader.next()).toMatchObject({
      event: 'hello',
      id: lastId,
      data: { engineId: api.engine.id, lastId, serverTime: expect.stringMatching(/Z$/) as string },
    })
    const run = await runNote(api.engine)
    expect(await reader.next()).toMatchObject({ event: 'run.triggered', data: { id: run.id } })
    const log = (await reader.upTo('log.appended')).at(-1)
    expect(log).toMatchObject({ data: { runId: run.id, lines: [{ message: 'noted' }] } })
    let last = await reader.next()
    while (last?.data['status'] !== 'succeeded') last = await reader.next()
    expect(last).toMatchObject({ event: 'run.updated', data: { progress: { percent: 100 } } })
    expect(last.id).toMatch(new RegExp(`^${api.engine.id}:\\d+$`))
  })

  it('says in its greeting what the caller may do, and whether client processes are declared', async () => {
    const clients = { one: { command: process.execPath } }
    const api = await startApi({ authenticate: () => ({ name: 'ann', scopes: ['read', 'run'] }) }, { clients })
    expect((await (await open(api)).next())?.data).toMatchObject({
      capabilities: { scopes: ['read', 'run'], clients: true },
    })
  })

  it('sends only the topics that are wanted', async () => {
    const api = await startApi()
    const run = await api.engine.triggerFlow('endless')
    const reader = await open(api, `?topics=flows,logs:${run.id}`)
    await reader.next()
    await runNote(api.engine)
    await api.engine.addFlowLog(run.id, 'hello')
    api.engine.registerFlow({ name: 'Remote' })
    expect(await reader.next()).toMatchObject({ event: 'log.appended', data: { runId: run.id } })
    expect(await reader.next()).toMatchObject({ event: 'flow.updated', data: { id: 'remote' } })
  })

  it('refuses a topic that does not exist', async () => {
    const { get } = await startApi()
    const problem = await expectProblem(await get('/engine/events?topics=runs,all'), 'REQUEST_INVALID', 400)
    expect(problem.errors?.[0]?.pointer).toBe('/query/topics')
  })

  it.each(['header', 'parameter'])('goes on after the last event of the reader, given as a %s', async (by) => {
    const api = await startApi()
    const first = await open(api, '?topics=runs')
    await first.next()
    await runNote(api.engine)
    const seen = await first.next()
    first.close()
    const run = await runNote(api.engine)
    const id = seen?.id ?? ''
    const again = await (by === 'header'
      ? open(api, '?topics=runs', { 'last-event-id': id })
      : open(api, `?topics=runs&lastEventId=${id}`))
    expect(await again.next()).toMatchObject({ event: 'hello', id })
    let next = await again.next()
    const ids = [next?.id]
    while (next?.data['id'] !== run.id || next.data['status'] !== 'succeeded') {
      next = await again.next()
      ids.push(next?.id)
    }
    const numbers = ids.map((each) => Number(each?.split(':')[1]))
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
    expect(numbers[0]).toBeGreaterThan(Number(id.split(':')[1]))
    expect(new Set(numbers).size).toBe(numbers.length)
  })

  it('takes the header before the parameter, which may be of an older page', async () => {
    const api = await startApi()
    const { lastId } = api.engine.events
    const reader = await open(api, '?lastEventId=eng_other:1', { 'last-event-id': lastId })
    expect(await reader.next()).toMatchObject({ event: 'hello', id: lastId })
    api.engine.registerFlow({ name: 'Remote' })
    expect(await reader.next()).toMatchObject({ event: 'flow.updated' })
  })

  it.each(['eng_other:5', 'nonsense', '', ':', 'eng:99999'])(
    'tells a reader that comes from %j to fetch anew',
    async (id) => {
      const api = await startApi()
      const reader = await open(api, '', { 'last-event-id': id })
      const { lastId } = api.engine.events
      expect(await reader.next()).toMatchObject({ event: 'hello', id: lastId })
      expect(await reader.next()).toMatchObject({ event: 'reset', id: lastId, data: { lastId } })
      api.engine.registerFlow({ name: 'Remote' })
      expect(await reader.next()).toMatchObject({ event: 'flow.updated' })
    },
  )

  it('says that it is alive, and how far the reader is, when nothing happens', async () => {
    const api = await startApi({ heartbeatMs: 5 })
    const reader = await open(api, '?topics=workers')
    await reader.next()
    expect(await reader.nextComment()).toBe('alive')
    await runNote(api.engine)
    while (reader.lastEventId !== api.engine.events.lastId) await reader.nextComment()
    expect(reader.lastEventId).toBe(api.engine.events.lastId)
  })

  it('drops older states of a run for a slow reader, and keeps the newest', async () => {
    const api = await startApi()
    // Every update of this run is some 15 kB, and there are more than a hundred of them.
    const plan = Array.from({ length: 64 }, (_, index) => ({ name: `${String(index)} ${'x'.repeat(150)}` }))
    const wide = flow('Wide', { plan }, async () => {
      for (const { name } of plan) await step(name, () => undefined)
    })
    api.engine.registerFlow(wide)
    const published: RunView[] = []
    api.engine.on('run.updated', (run) => published.push(run))
    const reader = await open(api, '?topics=runs')
    await ended(api.engine, (await api.engine.triggerFlow(wide)).id)
    await reader.next()
    const percents: number[] = []
    let run: RunView
    do {
      const { event, data } = (await reader.next()) as Message
      run = data as unknown as RunView
      expect(event).toBe('run.updated')
      percents.push(run.progress.percent)
    } while (run.status !== 'succeeded')
    expect(percents.length).toBeLessThan(published.length / 2)
    expect(percents).toEqual(percents.toSorted((a, b) => a - b))
  })

  it('tells a reader that is far too slow to fetch anew, and goes on from there', async () => {
    const api = await startApi()
    const reader = await open(api)
    const run = await api.engine.triggerFlow('endless')
    const lines = Array.from({ length: 100 }, () => 'x'.repeat(1000))
    for (let count = 0; count < 10; count++) await api.engine.addFlowLog(run.id, lines)
    const messages = await reader.upTo('reset')
    const size = messages.reduce((bytes, message) => bytes + JSON.stringify(message).length, 0)
    expect(size).toBeLessThan(700_000)
    await api.engine.addFlowLog(run.id, 'the end')
    for (;;) {
      const message = await reader.next()
      if (JSON.stringify(message?.data).includes('the end')) break
    }
    expect(messages.at(-1)?.event).toBe('reset')
  })

  it('ends when the reader goes, and keeps nothing of it', async () => {
    const api = await startApi()
    for (let count = 0; count < 20; count++) {
      const reader = await open(api)
      await reader.next()
      reader.close()
    }
    await until('all streams have ended', () => countOpenStreams(api.engine) === 0)
    expect(countOpenStreams(api.engine)).toBe(0)
  })

  it('never begins for a reader that is gone already, or that wants only the headers', async () => {
    const { app, engine } = await startApi()
    await app.request('/engine/events', { signal: AbortSignal.abort() })
    const head = await app.request('/engine/events', { method: 'HEAD' })
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
    expect(countOpenStreams(engine)).toBe(0)
  })

  it('ends when the engine stops', async () => {
    const api = await startApi()
    const reader = await open(api)
    await reader.next()
    await api.engine.stop()
    while ((await reader.next()) !== undefined);
    expect(countOpenStreams(api.engine)).toBe(0)
  })
})
