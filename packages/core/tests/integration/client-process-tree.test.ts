import { spawn, type ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

import { afterEach, describe, expect, test } from 'vitest'

import { eventually, isGone, javascript, realClients, stopRealClients } from './real-processes.ts'

afterEach(stopRealClients)

const STAYS = 'setInterval(() => {}, 1000);'
const STUBBORN = `for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(name, () => {}); ${STAYS}`

// Starts another process with these streams and options, and tells its pid once it runs its code.
function starts(name: string, code: string, stdio: 'ignore' | 'inherit', options = ''): string {
  const args = JSON.stringify(['-e', `${code} process.send('ready'); process.disconnect()`])
  const streams = `['ignore', '${stdio}', '${stdio}', 'ipc']`
  return `const ${name} = require('node:child_process').spawn(process.execPath, ${args}, { stdio: ${streams}, ${options} });
    ${name}.once('message', () => say('${name}', ${name}.pid)); `
}

const linux = process.platform === 'linux'
const APART = linux ? 'detached: true' : ''

describe('F-20 what a client process has started', { timeout: 60_000 }, () => {
  const cases = [
    { title: 'a child', stdio: 'ignore', options: '' },
    { title: 'a child that holds its pipes', stdio: 'inherit', options: '' },
    { title: 'a child in another session', stdio: 'ignore', options: 'detached: true' },
    { title: 'a child in another session that holds its pipes', stdio: 'inherit', options: 'detached: true' },
    { title: 'a child in another session without its mark', stdio: 'inherit', options: 'detached: true, env: {}' },
  ] as const

  test.each(cases.filter(({ options }) => linux || options === ''))(
    'is gone after a stop: $title',
    async ({ stdio, options }) => {
      const children = starts('plain', STAYS, stdio, options) + starts('stubborn', STUBBORN, stdio, options)
      const clients = realClients({ worker: javascript(`${children} say('self', process.pid); ${STAYS}`) })
      await clients.processes.start('worker')
      const pids = await Promise.all(['self', 'plain', 'stubborn'].map((name) => clients.pidOf(name)))
      await clients.processes.stop('worker')
      expect(pids.map(isGone)).toEqual([true, true, true])
    },
  )

  test('is gone after the process was killed for ignoring the request', async () => {
    const child = starts('stubborn', STUBBORN, 'inherit', APART)
    const clients = realClients({
      worker: javascript(`${child} say('self', process.pid); ${STUBBORN}`, { graceMs: 200 }),
    })
    await clients.processes.start('worker')
    const pids = await Promise.all(['self', 'stubborn'].map((name) => clients.pidOf(name)))
    await clients.processes.stop('worker')
    expect(clients.view()).toMatchObject({ exit: { signal: 'SIGKILL' } })
    expect(pids.map(isGone)).toEqual([true, true])
  })

  test('is gone before the end of the process is told', async () => {
    const code = `${starts('left', STUBBORN, 'inherit')} left.once('disconnect', () => setTimeout(() => process.exit(3), 50))`
    const clients = realClients({ worker: javascript(code) })
    await clients.processes.start('worker')
    const left = await clients.pidOf('left')
    await eventually(() => clients.exited.length === 1, 'the end of the process')
    expect(isGone(left)).toBe(true)
    expect(clients.view()).toMatchObject({ status: 'failed', exit: { code: 3 } })
  })

  test('does not include anybody else', async () => {
    const other = spawn(process.execPath, ['-e', STAYS], { stdio: 'ignore' })
    const clients = realClients({ one: javascript(STAYS), two: javascript(STAYS) })
    await clients.processes.start()
    await clients.processes.stop('one')
    expect(clients.processes.status('two')).toMatchObject([{ status: 'running' }])
    expect(isGone(other.pid ?? 0)).toBe(false)
    other.kill()
  })
})

describe('F-20 I10 a host that is killed', { timeout: 60_000 }, () => {
  // It runs the sources directly, as a program of its own.
  const code = `
    import { childProcessAdapter } from ${JSON.stringify(new URL('../../src/processes/child-process.ts', import.meta.url))};
    const spec = JSON.parse(process.argv[1]);
    const adapter = childProcessAdapter({ leftoverGraceMs: 300 });
    const output = (_stream, chunk) => process.stdout.write(chunk);
    for (let n = 0; n < 2; n++) {
      const child = await adapter.start(spec, { output, exit: () => {} });
      console.log('child' + n + ' ' + child.pid);
    }
    ${STAYS}`

  const stubborn = starts('stubborn', STUBBORN, 'inherit', APART)
  const { command, args } = javascript(`${stubborn} say('self', process.pid); ${STAYS}`)
  const spec = JSON.stringify({ command, args, env: {} })

  async function startHost(): Promise<{ host: ChildProcess; pids: number[] }> {
    const options = ['--input-type=module', '-e', code, spec]
    const host = spawn(process.execPath, options, { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    host.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    const texts = (): string[] => output.split('\n').slice(0, -1)
    await eventually(() => texts().length === 6, 'both processes of the host')
    return { host, pids: texts().map((text) => Number(text.split(' ')[1])) }
  }

  test.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)('by %s leaves no process behind', async (signal) => {
    const { host, pids } = await startHost()
    expect(pids.some(isGone)).toBe(false)
    host.kill(signal)
    await eventually(() => pids.every(isGone), `the end of ${pids.join()}`)
  })

  test.runIf(linux)('leaves no process behind, even if its guard was killed before', async () => {
    const { host, pids } = await startHost()
    const [guard = 0, ...others] = guardsOf(host.pid)
    expect(others).toEqual([])
    process.kill(guard, 'SIGKILL')
    await eventually(() => guardsOf(host.pid).some((pid) => pid !== guard), 'another guard')
    host.kill('SIGKILL')
    await eventually(() => pids.every(isGone), `the end of ${pids.join()}`)
  })
})

describe('the guard', { timeout: 60_000 }, () => {
  test.runIf(linux)('runs while a client runs, and ends after the last', async () => {
    const clients = realClients({ one: javascript(STAYS), two: javascript(STAYS) })
    await clients.processes.start()
    const [guard = 0, ...others] = guardsOf(process.pid)
    expect(others).toEqual([])
    await clients.processes.stop('one')
    expect(isGone(guard)).toBe(false)
    await clients.processes.stop('two')
    await eventually(() => isGone(guard), 'the end of the guard')
  })
})

// Children of a process that are guards, by their command line.
function guardsOf(host: number | undefined): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const isGuard = (pid: string): boolean => {
    try {
      const parent = /\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1]
      return Number(parent) === host && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('PERFECT_TREE=')
    } catch {
      return false
    }
  }
  return pids.filter(isGuard).map(Number)
}
