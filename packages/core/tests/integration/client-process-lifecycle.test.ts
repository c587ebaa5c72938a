import { afterEach, describe, expect, test } from 'vitest'

import { eventually, isGone, javascript, realClients, stopRealClients } from './real-processes.ts'

afterEach(stopRealClients)

const STAYS = 'setInterval(() => {}, 1000);'

describe('a client process', { timeout: 60_000 }, () => {
  test('starts, runs and ends when it is asked to', async () => {
    const code = `process.on('SIGTERM', () => { console.log('bye'); process.exit(0) }); say('self', process.pid); ${STAYS}`
    const clients = realClients({ worker: javascript(code) })
    const [started] = await clients.processes.start('worker')
    expect(started).toMatchObject({ status: 'running', starts: 1 })
    expect(await clients.pidOf('self')).toBe(started?.pid)
    const [stopped] = await clients.processes.stop('worker')
    expect(stopped).toMatchObject({ status: 'stopped', pid: null, exit: { code: 0, signal: null } })
    expect(clients.lines.map((line) => line.text).slice(-3)).toEqual(['asked to end', 'bye', 'exited with code 0'])
    expect(clients.exited).toEqual(['worker:1'])
    expect(isGone(started?.pid ?? 0)).toBe(true)
  })

  test('is killed when it ignores the request', async () => {
    const code = `process.on('SIGTERM', () => {}); say('self', process.pid); ${STAYS}`
    const clients = realClients({ worker: javascript(code, { graceMs: 100 }) })
    await clients.processes.start('worker')
    const pid = await clients.pidOf('self')
    await clients.processes.stop('worker')
    expect(clients.view()).toMatchObject({ status: 'stopped', exit: { code: null, signal: 'SIGKILL' } })
    expect(isGone(pid)).toBe(true)
  })

  test('runs Python and can be started again', async () => {
    const code =
      'import os, time; print("self", os.getpid(), os.environ["PERFECT_PROCESS"], flush=True); time.sleep(60)'
    const clients = realClients({ py: { command: 'python3', args: ['-c', code] } })
    await clients.processes.start('py')
    const first = await clients.pidOf('self')
    await clients.processes.stop('py')
    await clients.processes.start('py')
    await eventually(() => clients.view().logs.some((line) => line.text.endsWith('py:2')), 'the second start')
    await clients.processes.stop()
    expect(clients.exited).toEqual(['py:1', 'py:2'])
    expect(isGone(first)).toBe(true)
  })

  test.each([
    { code: 'process.exit(0)', status: 'stopped', text: 'exited with code 0' },
    { code: 'process.exit(7)', status: 'failed', text: 'exited with code 7' },
    { code: 'process.kill(process.pid, "SIGKILL")', status: 'failed', text: 'ended by SIGKILL' },
  ])('shows as $status that it $text by itself', async ({ code, status, text }) => {
    const clients = realClients({ worker: javascript(code) })
    await clients.processes.start('worker')
    await eventually(() => clients.exited.length === 1, 'the end of the process')
    expect(clients.view()).toMatchObject({ status, pid: null })
    expect(clients.lines.at(-1)).toMatchObject({ stream: 'system', text })
  })

  test('sees only the variables it needs and those of its declaration', async () => {
    const code =
      'console.log(Object.keys(process.env).sort().join()); console.log(process.env.MINE, process.env.SECRET)'
    process.env['SECRET'] = 'of the host'
    const clients = realClients({ worker: javascript(code, { env: { MINE: 'yes', PERFECT_PROCESS: 'forged' } }) })
    await clients.processes.start('worker')
    await eventually(() => clients.exited.length === 1, 'the end of the process')
    delete process.env['SECRET']
    const [names = '', values] = clients.lines.filter((line) => line.stream === 'stdout').map((line) => line.text)
    expect(names.split(',')).toEqual(expect.arrayContaining(['PATH', 'MINE', 'PERFECT_PROCESS']))
    expect(values).toBe('yes undefined')
    expect(clients.exited).toEqual(['worker:1'])
  })

  test('gets arguments as they are, past any shell', async () => {
    const args = ['-e', 'console.log(JSON.stringify(process.argv.slice(1)))', '$HOME; rm -rf x', '*', '"']
    const clients = realClients({ worker: { command: process.execPath, args } })
    await clients.processes.start('worker')
    await eventually(() => clients.exited.length === 1, 'the end of the process')
    const [text = ''] = clients.lines.filter((line) => line.stream === 'stdout').map((line) => line.text)
    expect(JSON.parse(text)).toEqual(args.slice(2))
  })
})

describe('a client process that cannot be started', { timeout: 60_000 }, () => {
  test.each([
    { declaration: { command: 'no-such-program-here' }, advice: 'There is no such program' },
    { declaration: { command: process.execPath, cwd: '/no/such/folder' }, advice: 'is not a folder' },
    { declaration: { command: import.meta.filename }, advice: 'may not be executed' },
  ])('says: $advice', async ({ declaration, advice }) => {
    const clients = realClients({ worker: declaration })
    await expect(clients.processes.start('worker')).rejects.toMatchObject({
      code: 'CLIENT_START_FAILED',
      details: { command: declaration.command },
    })
    expect(clients.view()).toMatchObject({ status: 'failed', pid: null, exit: null })
    expect(clients.lines.at(-1)?.text).toContain(advice)
  })
})
