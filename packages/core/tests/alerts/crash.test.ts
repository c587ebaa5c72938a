import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { FlowEngine } from '@perfect/core'
import { sqliteStorage } from '@perfect/core/sqlite'
import { ManualClock } from '@perfect/core/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { Receiver, SECRET } from './receiver.ts'

const HOST = fileURLToPath(new URL('crash-host.ts', import.meta.url))
let folder: string
let receiver: Receiver
let url: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'perfect-alerts-'))
  receiver = new Receiver()
  url = await receiver.listen()
})
afterEach(() => {
  receiver.close()
  rmSync(folder, { recursive: true, force: true })
})

const database = (): string => join(folder, 'perfect.db')

function startHost(mode: string) {
  const child = spawn(process.execPath, ['--conditions=@perfect/source', HOST, database(), url, mode], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return { child, exit: once(child, 'exit') }
}

/** The next engine on the file, `laterMs` after now. */
async function restart(laterMs: number): Promise<{ readonly engine: FlowEngine; readonly clock: ManualClock }> {
  const clock = new ManualClock(Date.now() + laterMs)
  const engine = new FlowEngine({
    storage: sqliteStorage(database(), { clock }),
    clock,
    alerts: [{ name: 'ops', on: ['failed'], webhook: { url, secret: SECRET } }],
    allowPrivateHosts: ['127.0.0.1'],
  })
  await engine.start()
  return { engine, clock }
}

async function delivered({ engine, clock }: Awaited<ReturnType<typeof restart>>): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    await clock.advance(20)
    if ((await engine.getAlerts()).items.every(({ state }) => state === 'delivered')) return
    await pause(5)
  }
  throw new Error('It was not delivered.')
}

describe('an alert of an engine that was killed', () => {
  it('is delivered by the next one, when it died between the end of the run and the delivery', async () => {
    const { exit } = startHost('after-end')
    expect(await exit).toEqual([null, 'SIGKILL'])
    expect(receiver.received).toEqual([])
    const next = await restart(0)
    expect((await next.engine.getAlerts()).items).toMatchObject([{ kind: 'failed', state: 'pending', attempts: 0 }])
    await delivered(next)
    expect(receiver.received).toMatchObject([{ event: { type: 'run.failed', data: { error: { message: 'no' } } } }])
    await next.engine.stop()
  }, 20_000)

  it('is delivered once more, with the same id, when it died while it told', async () => {
    receiver.answer(() => undefined)
    const { child, exit } = startHost('while-telling')
    await expect.poll(() => receiver.received.length, { timeout: 10_000 }).toBe(1)
    child.kill('SIGKILL')
    await exit
    receiver.status(200)
    // As long as the attempt could still go on, nobody else makes one.
    const early = await restart(30_000)
    await early.clock.advance(1000)
    expect((await early.engine.getAlerts()).items).toMatchObject([{ state: 'pending', attempts: 1 }])
    await early.engine.stop()
    const late = await restart(61_000)
    await delivered(late)
    const [first, second] = receiver.received
    expect([receiver.received.length, second?.id]).toEqual([2, first?.id])
    await late.engine.stop()
  }, 20_000)
})
