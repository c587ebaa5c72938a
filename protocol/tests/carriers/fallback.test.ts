import type { ChildProcess } from 'node:child_process'

import { FlowEngine } from '@perfect/core'
import { serve, type PerfectServer } from '@perfect/http/node'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { startPython } from '../python.ts'
import { UpgradeProxy, type UpgradeTreatment } from './upgrade-proxy.ts'

const WORKER = new URL('fallback_worker.py', import.meta.url)
const PATIENCE = { timeout: 20_000, interval: 50 }

describe('the Python SDK', () => {
  let engine: FlowEngine
  let server: PerfectServer
  let proxy: UpgradeProxy
  let worker: ChildProcess | undefined
  let url: string
  beforeEach(async () => {
    engine = new FlowEngine({ leaseMs: 3000 })
    server = await serve(engine, { port: 0 })
    proxy = new UpgradeProxy(server.port)
    url = await proxy.listen()
  })
  afterEach(async () => {
    worker?.kill('SIGKILL')
    await proxy.close()
    await server.close()
    await engine.stop({ drainMs: 0 })
  })

  const carrier = (): string | undefined => engine.workers.status().find(({ status }) => status === 'online')?.carrier
  const echo = async (text: string): Promise<unknown> =>
    (await engine.triggerFlow('echo', { input: { text } })).result()

  test.each<[string, UpgradeTreatment]>([
    ['are forbidden', { status: 403 }],
    ['are not understood', { status: 405 }],
    ['end at a gateway', { status: 502 }],
    ['lose their headers', 'strip'],
    ['are never answered', 'swallow'],
    ['are reset', 'reset'],
    ['go through and nothing after them', 'mute'],
  ])('moves to long polling where upgrades %s', async (_what, treatment) => {
    proxy.treatment = treatment
    worker = startPython(WORKER, [url])
    await expect.poll(carrier, PATIENCE).toBe('http')
    expect(proxy.upgrades).toBeGreaterThan(0)
    expect(await echo('over polling')).toBe('over polling')
  })

  test('takes its runs from one carrier to the other, and goes back to the WebSocket with a later connection', async () => {
    worker = startPython(WORKER, [url])
    await expect.poll(carrier, PATIENCE).toBe('websocket')
    const [id] = engine.workers.status().map((view) => view.id)
    expect(await echo('one')).toBe('one')
    proxy.treatment = { status: 502 }
    proxy.drop()
    await expect.poll(carrier, PATIENCE).toBe('http')
    expect(await echo('two')).toBe('two')
    proxy.treatment = 'pass'
    await expect
      .poll(() => {
        proxy.drop()
        return new Promise((resolve) => setTimeout(() => resolve(carrier()), 400))
      }, PATIENCE)
      .toBe('websocket')
    expect(await echo('three')).toBe('three')
    expect(engine.workers.status().map((view) => view.id)).toEqual([id])
  })
})
