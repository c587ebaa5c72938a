import { describe, expect, test } from 'vitest'

import type { ClientLogsQuery } from '../../src/processes/client-processes.ts'
import type { ClientDeclaration } from '../../src/processes/process-adapter.ts'
import { stage, worker, type Stage } from './staged-clients.ts'

const CRASH = { code: 1, signal: null }
const FINE = { code: 0, signal: null }
const supervised: ClientDeclaration = {
  ...worker,
  restart: 'on-failure',
  restartMinDelayMs: 1000,
  restartMaxDelayMs: 4000,
}

/** Lets the process end and gives how long the client then waits; null when it is not started again. */
async function delayAfter({ adapter, clock, processes }: Stage, exit = CRASH, ranMs = 10): Promise<number | null> {
  await clock.advance(ranMs)
  const endedAt = clock.now()
  adapter.last.events.exit(exit)
  const at = processes.status()[0]?.nextStartAt ?? null
  if (at === null) return null
  const delayMs = Date.parse(at) - endedAt
  const before = adapter.started.length
  await clock.advance(delayMs - 1)
  expect(adapter.started).toHaveLength(before)
  await clock.advance(1)
  expect(adapter.started).toHaveLength(before + 1)
  return delayMs
}

describe('a client that ends by itself', () => {
  test('is started again, each time after twice the time, up to the longest', async () => {
    const staged = stage({ worker: supervised })
    await staged.processes.start('worker')
    const delays = []
    for (let times = 0; times < 5; times++) delays.push(await delayAfter(staged))
    expect(delays).toEqual([1000, 2000, 4000, 4000, 4000])
    expect(staged.processes.status()).toMatchObject([{ status: 'running', starts: 6, restarts: 5, nextStartAt: null }])
    expect(staged.adapter.last.spec.env['PERFECT_PROCESS']).toBe('worker:6')
  })

  test('begins with the shortest time again when it has run for long', async () => {
    const staged = stage({ worker: supervised })
    await staged.processes.start('worker')
    await delayAfter(staged)
    await delayAfter(staged)
    expect(await delayAfter(staged, CRASH, 4000)).toBe(1000)
  })

  test('waits as "restarting", and says when it goes on', async () => {
    const { adapter, processes, history, texts } = stage({ worker: supervised })
    await processes.start('worker')
    adapter.last.events.exit({ code: null, signal: 'SIGSEGV' })
    expect(processes.status()).toMatchObject([{ status: 'restarting', pid: null, exit: { signal: 'SIGSEGV' } }])
    expect(texts('worker').slice(-2)).toEqual(['ended by SIGSEGV', 'is started again in 1000 ms'])
    expect(history.slice(-3)).toEqual(['worker failed', 'exited worker:1', 'worker restarting'])
  })

  test.each([
    { restart: 'on-failure', exit: FINE, delay: null },
    { restart: 'on-failure', exit: CRASH, delay: 1000 },
    { restart: 'always', exit: FINE, delay: 1000 },
    { restart: 'always', exit: CRASH, delay: 1000 },
    { restart: 'never', exit: CRASH, delay: null },
  ] as const)('with "$restart" after $exit waits $delay ms', async ({ restart, exit, delay }) => {
    const staged = stage({ worker: { ...supervised, restart } })
    await staged.processes.start('worker')
    expect(await delayAfter(staged, exit)).toBe(delay)
  })

  test('is restarted after a failure when nothing is declared about it', async () => {
    const staged = stage({ worker: { command: 'python3' } })
    await staged.processes.start('worker')
    expect(await delayAfter(staged)).toBe(1000)
  })

  test('is tried again when a restart fails', async () => {
    const { adapter, clock, processes } = stage({ worker: supervised })
    await processes.start('worker')
    adapter.brokenCommand = 'python3'
    adapter.last.events.exit(CRASH)
    await clock.advance(1000)
    expect(processes.status()).toMatchObject([{ status: 'restarting', starts: 2, restarts: 1 }])
    adapter.brokenCommand = undefined
    await clock.advance(2000)
    expect(processes.status()).toMatchObject([{ status: 'running', starts: 3, restarts: 2 }])
  })

  test('is not started again once somebody has stopped it', async () => {
    const { adapter, clock, processes } = stage({ worker: supervised })
    await processes.start('worker')
    adapter.last.events.exit(CRASH)
    await expect(processes.stop('worker')).resolves.toMatchObject([{ status: 'stopped', nextStartAt: null }])
    await clock.advance(10_000)
    expect(adapter.started).toHaveLength(1)
  })

  test('is started at once when somebody asks for it, and counts anew', async () => {
    const staged = stage({ worker: supervised })
    await staged.processes.start('worker')
    await delayAfter(staged)
    staged.adapter.last.events.exit(CRASH)
    await expect(staged.processes.start('worker')).resolves.toMatchObject([{ status: 'running', restarts: 0 }])
    await staged.clock.advance(10_000)
    expect(staged.adapter.started).toHaveLength(3)
    expect(await delayAfter(staged)).toBe(1000)
  })

  test('is not started again by an engine that has stopped', async () => {
    const { adapter, clock, processes } = stage({ worker: supervised })
    await processes.start('worker')
    adapter.last.events.exit(CRASH)
    await processes.stopAll()
    await clock.advance(10_000)
    expect(adapter.started).toHaveLength(1)
  })

  test('is not started again by a stop that it answers with an error', async () => {
    const { adapter, clock, processes } = stage({ worker: supervised })
    await processes.start('worker')
    const stopping = processes.stop('worker')
    adapter.last.events.exit(CRASH)
    await stopping
    await clock.advance(10_000)
    expect(adapter.started).toHaveLength(1)
  })
})

describe('ClientProcesses.restart()', () => {
  test('stops a client and starts it again', async () => {
    const { adapter, processes, history } = stage()
    await processes.start('worker')
    const restarted = processes.restart('worker')
    expect(adapter.last.signals).toEqual(['SIGTERM'])
    adapter.last.events.exit(FINE)
    await expect(restarted).resolves.toMatchObject([{ status: 'running', starts: 2, pid: 102 }])
    expect(history.slice(-2)).toEqual(['worker starting', 'worker running'])
  })

  test('starts a client that does not run', async () => {
    const { processes } = stage()
    await expect(processes.restart()).resolves.toMatchObject([{ status: 'running', starts: 1 }])
  })

  test('refuses a client that is not declared, and an engine that has stopped', async () => {
    const { processes } = stage()
    await expect(processes.restart('other')).rejects.toMatchObject({ code: 'CLIENT_NOT_FOUND' })
    await processes.stopAll()
    await expect(processes.restart('worker')).rejects.toMatchObject({ code: 'ENGINE_STOPPED' })
  })
})

describe('ClientProcesses.logs()', () => {
  test('gives the lines after one, of a stream, with a text, in pages', async () => {
    const { adapter, processes } = stage()
    await processes.start('worker')
    adapter.last.events.output('stdout', Buffer.from('Loading one\nloading two\n'))
    adapter.last.events.output('stderr', Buffer.from('loading three\n'))
    const texts = (query: ClientLogsQuery): string[] => processes.logs('worker', query).items.map(({ text }) => text)
    expect(texts({})).toEqual(['started python3 worker.py (pid 101)', 'Loading one', 'loading two', 'loading three'])
    expect(texts({ stream: 'stderr' })).toEqual(['loading three'])
    expect(texts({ text: 'LOADING', after: 2 })).toEqual(['loading two', 'loading three'])
    const page = processes.logs('worker', { limit: 2 })
    expect(page).toMatchObject({ items: [{ seq: 1 }, { seq: 2 }], nextCursor: '2' })
    expect(processes.logs('worker', { limit: 2, after: 2 })).toMatchObject({
      items: [{ seq: 3 }, { seq: 4 }],
      nextCursor: null,
    })
  })

  test('refuses an unknown client and numbers out of their range', () => {
    const { processes } = stage()
    expect(() => processes.logs('other')).toThrow('Declared are: worker')
    expect(() => processes.allLogs('other')).toThrow('not declared')
    for (const query of [{ limit: 0 }, { limit: 1001 }, { limit: 1.5 }, { after: -1 }, { after: Number.NaN }])
      expect(() => processes.logs('worker', query)).toThrow('Give a whole number')
  })
})
