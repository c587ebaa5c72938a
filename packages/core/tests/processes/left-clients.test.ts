import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { ClientView } from '@perfect/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { endLeftover, identityOf } from '../../src/processes/leftover.ts'
import { eventually, isGone } from '../integration/real-processes.ts'

const HOST = new URL('left-client-host.ts', import.meta.url)
const hosts: ChildProcess[] = []
let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'perfect-left-'))
})
afterEach(() => {
  for (const host of hosts.splice(0)) host.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** Starts a host and gives its client, once that has written something. */
async function startHost(): Promise<{ readonly host: ChildProcess; readonly client: ClientView }> {
  const host = fork(HOST, [folder], { execArgv: ['--conditions=@perfect/source'] })
  hosts.push(host)
  for (;;) {
    const [client] = (await once(host, 'message')) as [ClientView]
    if (client.logs.some(({ text }) => text === `pid ${String(client.pid)}`)) return { host, client }
  }
}

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'latin1')
    .split(' ')
    .filter(Boolean)
    .map(Number)

const kill = (pid: number | undefined, signal: 'SIGKILL' | 'SIGSTOP'): unknown => process.kill(pid ?? 0, signal)

describe.runIf(process.platform === 'linux')('a client whose host is killed', { timeout: 60_000 }, () => {
  test('is ended by the guard of the host', async () => {
    const { host, client } = await startHost()
    kill(host.pid, 'SIGKILL')
    await expect.poll(() => isGone(client.pid ?? 0), { timeout: 15_000 }).toBe(true)
  })

  test('together with that guard is ended by the next start, which still has its output', async () => {
    const { host, client } = await startHost()
    const log = join(folder, 'stays.log')
    const isKept = (): boolean => existsSync(log) && readFileSync(log, 'utf8').includes(`pid ${String(client.pid)}`)
    await eventually(isKept, 'its output on disk')
    // Stopped, so that it does not start another guard.
    kill(host.pid, 'SIGSTOP')
    for (const pid of childrenOf(host.pid ?? 0)) if (pid !== client.pid) kill(pid, 'SIGKILL')
    kill(host.pid, 'SIGKILL')
    await once(host, 'exit')
    expect(isGone(client.pid ?? 0)).toBe(false)
    const next = await startHost()
    expect(isGone(client.pid ?? 0)).toBe(true)
    expect(next.client.pid).not.toBe(client.pid)
    const texts = next.client.logs.map(({ text }) => text)
    expect(texts).toEqual([
      expect.stringContaining('started '),
      `pid ${String(client.pid)}`,
      'the process of an engine that was killed was still there and has been ended',
      expect.stringContaining('started '),
      `pid ${String(next.client.pid)}`,
    ])
    expect(next.client.logs.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5])
  })

  test('leaves no note of its process behind when it ends in peace', async () => {
    const { host } = await startHost()
    host.send('stop')
    await once(host, 'exit')
    expect(() => readFileSync(join(folder, 'stays.process'))).toThrow('ENOENT')
  })
})

describe('endLeftover()', () => {
  test('leaves the processes of a host alone that lives', async () => {
    const { client } = await startHost()
    const text = readFileSync(join(folder, 'stays.process'), 'utf8')
    expect(await endLeftover(text, 100)).toBe(false)
    expect(isGone(client.pid ?? 0)).toBe(false)
  })

  test('leaves a process alone that is another one than it was, or that somebody made up', async () => {
    const { client } = await startHost()
    const known = JSON.parse(identityOf(client.pid ?? 0, 'mark')) as Record<string, unknown>
    const gone = { ...known, host: 4_194_303, hostTicks: 1 }
    const wrong = [
      { ...gone, ticks: Number(known['ticks']) - 1 },
      { ...gone, boot: 'another one' },
      { ...gone, pid: 1 },
      { ...gone, pid: -1 },
      { ...gone, mark: '' },
      { pid: client.pid },
      [],
      null,
    ]
    for (const identity of wrong) expect(await endLeftover(JSON.stringify(identity), 0)).toBe(false)
    expect(await endLeftover('not JSON', 0)).toBe(false)
    expect(isGone(client.pid ?? 0)).toBe(false)
  })
})
