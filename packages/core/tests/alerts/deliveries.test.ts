import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { sqliteStorage } from '@perfect/core/sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { AlertHost, alertOf, AT, fails, HOUR, runOf, SECOND } from './alert-host.ts'

const code = (expected: string) => expect.objectContaining({ code: expected }) as Error
let host: AlertHost

beforeEach(() => {
  host = new AlertHost()
  return host.open()
})
afterEach(() => host.close())

describe('a delivery that fails', () => {
  it('is made again after 5 s, 5 min, 30 min and so on, with the same id, and given up after ten attempts', async () => {
    host.receiver.status(503)
    const engine = await host.start([host.webhook(['failed'])])
    engine.registerFlow(fails)
    await runOf(engine, 'fails', 1)
    const pauses: number[] = []
    for (;;) {
      const made = pauses.length + 1
      await host.until(
        async () => (await alertOf(engine)).attempts === made && (await alertOf(engine)).problem !== null,
      )
      const { nextAttemptAt } = await alertOf(engine)
      if (nextAttemptAt === null) break
      const ms = Date.parse(nextAttemptAt) - host.clock.now()
      // Still in the attempt: that is the end of its claim.
      if (host.receiver.received.length < made || Math.abs(ms - 60_000) < 1000) continue
      pauses.push(ms / SECOND)
      await host.clock.advance(ms)
    }
    const planned = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]
    expect(pauses.map((seconds, index) => Math.round(seconds / (planned[index] ?? 0)))).toEqual(Array(9).fill(1))
    expect(pauses.every((seconds, index) => Math.abs(seconds / (planned[index] ?? 0) - 1) < 0.11)).toBe(true)
    const alert = await alertOf(engine)
    expect(alert).toMatchObject({ state: 'given-up', attempts: 10, problem: 'HTTP 503 Service Unavailable' })
    expect(new Set(host.receiver.received.map(({ id }) => id))).toEqual(new Set([alert.id]))
    expect(host.receiver.received.map(({ event }) => event.timestamp)).toEqual(
      Array(10).fill('2026-11-23T10:30:00.000Z'),
    )
    expect(host.receiver.received.at(-1)?.at).toBeGreaterThan((AT + 65 * HOUR) / SECOND)

    // Somebody asks for it once more.
    host.receiver.status(200)
    expect(await engine.retryAlert(alert.id)).toMatchObject({ state: 'pending', maxAttempts: 20 })
    await host.until(async () => (await alertOf(engine)).state === 'delivered')
    expect(await engine.getAlert(alert.id)).toMatchObject({ attempts: 11, problem: null })
    await expect(engine.retryAlert('alr_x')).rejects.toThrow(code('ALERT_NOT_FOUND'))
    await expect(engine.getAlert('alr_x')).rejects.toThrow(code('ALERT_NOT_FOUND'))
  })

  it('is given up at once when the receiver is gone for good, and says why it failed', async () => {
    host.receiver.status(410)
    const engine = await host.start([host.webhook(['failed'])])
    engine.registerFlow(fails)
    await runOf(engine, 'fails', 1)
    await host.until(async () => (await alertOf(engine)).state === 'given-up')
    expect((await alertOf(engine)).problem).toBe('HTTP 410 Gone')
  })

  it.each<[string, number, Record<string, string>, string, number]>([
    ['the pause that the receiver asks for', 429, { 'retry-after': '90' }, 'HTTP 429 Too Many Requests', 90],
    ['a date', 503, { 'retry-after': new Date(AT + 60 * SECOND).toUTCString() }, 'HTTP 503 Service Unavailable', 60],
    ['no pause of a year', 503, { 'retry-after': '99999999' }, 'HTTP 503 Service Unavailable', 86_400],
    [
      'no redirect',
      302,
      { location: 'http://127.0.0.1:1/' },
      'HTTP 302 Found: redirects are not followed, give the new address',
      5,
    ],
  ])('heeds %s', async (_what, status, headers, problem, seconds) => {
    host.receiver.status(status, headers)
    const engine = await host.start([host.webhook(['failed'])])
    engine.registerFlow(fails)
    await runOf(engine, 'fails', 1)
    await host.until(async () => (await alertOf(engine)).problem !== null)
    const alert = await alertOf(engine)
    expect(alert.problem).toBe(problem)
    const waitMs = Date.parse(alert.nextAttemptAt ?? '') - AT
    expect(Math.abs(waitMs - seconds * SECOND)).toBeLessThan(5 * SECOND)
  })

  it('keeps nobody waiting but itself, however much waits for it', async () => {
    const told: string[] = []
    const engine = await host.start([
      { name: 'stuck', on: ['failed'], handler: () => new Promise(() => undefined) },
      { name: 'quick', on: ['failed'], handler: ({ id }) => told.push(id) },
    ])
    engine.registerFlow(fails)
    for (let row = 0; row < 30; row++) await runOf(engine, 'fails', row)
    await host.until(() => told.length === 30)
    expect((await engine.getAlerts({ limit: 200 })).items.filter(({ attempts }) => attempts === 0)).toHaveLength(26)
    expect(await engine.metrics()).toContain('perfect_alert_attempts_total{rule="quick",outcome="delivered"} 30')
  })

  it('does not keep other receivers waiting', async () => {
    host.receiver.answer(() => undefined)
    const told: string[] = []
    const engine = await host.start([
      host.webhook(['failed']),
      { on: ['failed'], handler: ({ id }) => told.push(id) },
      { name: 'rude', on: ['failed'], handler: () => Promise.reject(new Error('out of order')) },
    ])
    engine.registerFlow(fails)
    await runOf(engine, 'fails', 1)
    await host.until(async () => (await engine.getAlerts({ state: 'delivered' })).items.length === 1)
    expect(told).toHaveLength(1)
    await host.until(async () => (await engine.getAlerts()).items.some(({ problem }) => problem === 'out of order'))
  })
})

describe('several engines on one store', () => {
  it('deliver each alert once', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'perfect-alerts-'))
    try {
      const start = () =>
        host.start([host.webhook(['failed'])], {
          storage: sqliteStorage(join(folder, 'perfect.db'), { clock: host.clock }),
        })
      const both = [await start(), await start(), await start()]
      for (const engine of both) engine.registerFlow(fails)
      for (let index = 0; index < 12; index++) {
        const engine = both[index % both.length]
        if (engine) await runOf(engine, 'fails', index)
      }
      const [engine] = both
      await host.until(async () => (await engine?.getAlerts({ state: 'delivered' }))?.items.length === 12)
      await host.clock.advance(60 * SECOND)
      expect(host.receiver.received).toHaveLength(12)
      expect(new Set(host.receiver.received.map(({ id }) => id)).size).toBe(12)
      await Promise.all(both.map((one) => one.stop()))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
