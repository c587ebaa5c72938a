import { PerfectError } from '@perfect/core'
import { followEvents, type FollowOptions, type LiveEvent } from '@perfect/http/client'
import { describe, expect, it } from 'vitest'

import { countOpenStreams, endOpenStreams } from '../../src/live/open-streams.ts'
import { ended, until } from '../sample-api.ts'
import { afterTest, startServed } from './served-api.ts'

function follow(url: string, options: FollowOptions): AsyncGenerator<LiveEvent> {
  const abort = new AbortController()
  afterTest(() => abort.abort())
  return followEvents(url, { signal: abort.signal, ...options })
}

async function next(events: AsyncGenerator<LiveEvent>): Promise<LiveEvent> {
  const result = await events.next()
  if (result.done === true) throw new Error('It has ended.')
  return result.value
}

describe.each(['sse', 'webSocket'] as const)('followEvents() by %s', (carrier) => {
  it('brings events, and comes back where it was when its connection is lost', async () => {
    const { engine, url } = await startServed()
    const events = follow(url, { carrier, topics: ['flows'] })
    expect(await next(events)).toMatchObject({ type: 'hello', data: { engineId: engine.id } })
    engine.registerFlow({ name: 'One' })
    expect(await next(events)).toMatchObject({ type: 'flow.updated', data: { id: 'one' } })
    endOpenStreams(engine)
    engine.registerFlow({ name: 'Two' })
    expect(await next(events)).toMatchObject({ type: 'hello' })
    expect(await next(events)).toMatchObject({ type: 'flow.updated', data: { id: 'two' } })
  })

  it('says when everything has to be read anew', async () => {
    const { engine, url } = await startServed()
    const events = follow(url, { carrier, lastEventId: 'eng_other:7' })
    expect((await next(events)).type).toBe('hello')
    expect(await next(events)).toMatchObject({ type: 'reset', data: { lastId: engine.events.lastId } })
  })

  it('leaves nothing behind when its loop or its signal ends it', async () => {
    const { engine, url } = await startServed()
    for await (const event of follow(url, { carrier })) if (event.type === 'hello') break
    await until('the connection of the loop is closed', () => countOpenStreams(engine) === 0)
    const abort = new AbortController()
    const events = follow(url, { carrier, signal: abort.signal })
    await next(events)
    const last = events.next()
    abort.abort()
    expect(await last).toEqual({ done: true, value: undefined })
    await until('the connection of the signal is closed', () => countOpenStreams(engine) === 0)
    expect(countOpenStreams(engine)).toBe(0)
  })
})

describe('followEvents()', () => {
  it('sends its token, and throws what coming back does not change', async () => {
    const { engine, url } = await startServed({
      authenticate: ({ headers }) =>
        headers.get('authorization') === 'Bearer secret' ? { name: 'me', scopes: ['read'] } : null,
    })
    const error: unknown = await next(follow(url, {})).catch((thrown: unknown) => thrown)
    expect(PerfectError.is(error, 'UNAUTHORIZED')).toBe(true)
    const events = follow(url, { token: 'secret', topics: ['runs'] })
    expect((await next(events)).type).toBe('hello')
    const run = await engine.triggerFlow('note')
    await ended(engine, run.id)
    expect(await next(events)).toMatchObject({ type: 'run.updated', data: { id: run.id } })
    await expect(next(follow(url, { token: 'secret', topics: ['all'] }))).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
    })
  })
})
