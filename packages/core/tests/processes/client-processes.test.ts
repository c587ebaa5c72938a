import { describe, expect, test } from 'vitest'

import { PerfectError } from '../../src/errors/perfect-error.ts'
import type { ClientDeclaration } from '../../src/processes/process-adapter.ts'
import { stage, worker } from './staged-clients.ts'

describe('ClientProcesses', () => {
  test('refuses a declaration with a wrong value', () => {
    const wrong: ClientDeclaration[] = [
      { command: '' },
      { command: 'a\0b' },
      { command: 'a', graceMs: -1 },
      { command: 'a', graceMs: Number.NaN },
      { command: 'a', logLines: 0 },
      { command: 'a', restart: 'sometimes' as 'always' },
      { command: 'a', restartMinDelayMs: -1 },
      { command: 'a', restartMinDelayMs: 10, restartMaxDelayMs: 9 },
      { command: 'a', restartMaxDelayMs: Number.POSITIVE_INFINITY },
    ]
    const codes = wrong.map((declaration) => {
      try {
        return stage({ x: declaration })
      } catch (error) {
        return PerfectError.is(error) ? error.code : error
      }
    })
    expect(new Set(codes)).toEqual(new Set(['CLIENT_DECLARATION_INVALID']))
  })

  test('shows a client that was never started as stopped', () => {
    const view = {
      id: 'worker',
      name: 'worker',
      status: 'stopped',
      pid: null,
      startedAt: null,
      exit: null,
      starts: 0,
      restarts: 0,
      nextStartAt: null,
      health: 'unknown',
      usage: [],
    }
    expect(stage().processes.status()).toEqual([{ ...view, logs: [] }])
  })

  test('refuses a client that is not declared', async () => {
    const { processes } = stage()
    await expect(processes.start('other')).rejects.toMatchObject({ code: 'CLIENT_NOT_FOUND' })
    await expect(processes.stop('__proto__')).rejects.toMatchObject({ code: 'CLIENT_NOT_FOUND' })
    expect(() => processes.status('constructor')).toThrow('Declared are: worker')
  })
})

describe('ClientProcesses.start()', () => {
  test('starts what was declared, with the label of this start', async () => {
    const { adapter, processes, history } = stage()
    await expect(processes.start('worker')).resolves.toMatchObject([{ status: 'running', pid: 101, starts: 1 }])
    expect(adapter.last.spec).toEqual({
      command: 'python3',
      args: ['worker.py'],
      env: { TOKEN: 'secret', PERFECT_PROCESS: 'worker:1' },
    })
    expect(history).toEqual(['worker starting', 'worker running'])
  })

  test('writes a line without the values of the environment', async () => {
    const { processes, texts } = stage()
    await processes.start()
    expect(texts('worker')).toEqual(['started python3 worker.py (pid 101)'])
  })

  test('gives one process to calls that come together', async () => {
    const { adapter, processes } = stage()
    await Promise.all([processes.start('worker'), processes.start('worker'), processes.start()])
    expect(adapter.started).toHaveLength(1)
  })

  test('refuses a client that runs, but leaves it alone when all are started', async () => {
    const { adapter, processes } = stage({ worker, other: { command: 'ruby' } })
    await processes.start('worker')
    await expect(processes.start('worker')).rejects.toMatchObject({ code: 'CLIENT_ALREADY_RUNNING' })
    await expect(processes.start()).resolves.toMatchObject([{ pid: 101 }, { pid: 102 }])
    expect(adapter.started).toHaveLength(2)
  })

  test('shows a client that cannot be started as failed, and says why', async () => {
    const { adapter, processes, texts, history } = stage()
    adapter.brokenCommand = 'python3'
    await expect(processes.start('worker')).rejects.toMatchObject({ code: 'CLIENT_START_FAILED' })
    expect(processes.status()).toMatchObject([{ status: 'failed', pid: null, starts: 1 }])
    expect(texts('worker').join('\n')).toContain('no memory')
    expect(history).toEqual(['worker starting', 'worker failed'])
  })

  test('starts the others when one cannot be started', async () => {
    const { adapter, processes } = stage({ worker, other: { command: 'ruby' } })
    adapter.brokenCommand = 'python3'
    await expect(processes.start()).rejects.toMatchObject({ code: 'CLIENT_START_FAILED' })
    expect(processes.status()).toMatchObject([{ status: 'failed' }, { status: 'running' }])
  })

  test('starts again after an end, with the next number', async () => {
    const { adapter, processes, history } = stage()
    await processes.start('worker')
    adapter.last.events.exit({ code: 1, signal: null })
    await processes.start('worker')
    expect(adapter.last.spec.env['PERFECT_PROCESS']).toBe('worker:2')
    expect(history).toContain('exited worker:1')
  })

  test('waits for the end of a process that is being stopped', async () => {
    const { adapter, processes, history } = stage()
    await processes.start('worker')
    const stopped = processes.stop('worker')
    const restarted = processes.start('worker')
    expect(adapter.started).toHaveLength(1)
    adapter.last.events.exit({ code: 0, signal: null })
    await Promise.all([stopped, restarted])
    expect(history.slice(2)).toEqual([
      'worker stopping',
      'worker stopped',
      'exited worker:1',
      'worker starting',
      'worker running',
    ])
  })
})

describe('ClientProcesses.stop()', () => {
  test('asks a process to end and kills it after the grace time', async () => {
    const { adapter, clock, processes, texts } = stage()
    await processes.start('worker')
    const stopping = processes.stop('worker')
    await clock.advance(499)
    expect(adapter.last.signals).toEqual(['SIGTERM'])
    await clock.advance(1)
    expect(adapter.last.signals).toEqual(['SIGTERM', 'SIGKILL'])
    adapter.last.events.exit({ code: null, signal: 'SIGKILL' })
    await expect(stopping).resolves.toMatchObject([{ status: 'stopped', pid: null, exit: { signal: 'SIGKILL' } }])
    expect(texts('worker').slice(1)).toEqual([
      'asked to end',
      'did not end within 500 ms and is killed',
      'ended by SIGKILL',
    ])
  })

  test('does not kill a process that has ended in time', async () => {
    const { adapter, clock, processes } = stage()
    await processes.start('worker')
    const stopping = processes.stop('worker')
    adapter.last.events.exit({ code: 3, signal: null })
    await clock.advance(10_000)
    await expect(stopping).resolves.toMatchObject([{ status: 'stopped', exit: { code: 3 } }])
    expect(adapter.last.signals).toEqual(['SIGTERM'])
  })

  test('asks once when it is called twice', async () => {
    const { adapter, processes } = stage()
    await processes.start('worker')
    const both = Promise.all([processes.stop('worker'), processes.stop()])
    adapter.last.events.exit({ code: 0, signal: null })
    await both
    expect(adapter.last.signals).toEqual(['SIGTERM'])
  })

  test('leaves a client alone that does not run', async () => {
    const { processes, history } = stage()
    await expect(processes.stop('worker')).resolves.toMatchObject([{ status: 'stopped' }])
    expect(history).toEqual([])
  })

  test('stops a process that is just being started, as soon as it runs', async () => {
    const { adapter, processes } = stage()
    const gate = Promise.withResolvers<void>()
    adapter.gate = gate.promise
    const starting = processes.start('worker')
    const stopping = processes.stop('worker')
    gate.resolve()
    await expect(starting).resolves.toMatchObject([{ status: 'stopping' }])
    adapter.last.events.exit({ code: null, signal: 'SIGTERM' })
    await expect(stopping).resolves.toMatchObject([{ status: 'stopped' }])
  })

  test('takes a start back that still waits', async () => {
    const { adapter, processes } = stage()
    await processes.start('worker')
    const calls = [processes.stop('worker'), processes.start('worker'), processes.stop('worker')]
    adapter.last.events.exit({ code: 0, signal: null })
    await Promise.all(calls)
    expect(adapter.started).toHaveLength(1)
    expect(processes.status()).toMatchObject([{ status: 'stopped' }])
  })
})

describe('ClientProcesses after an end that nobody asked for', () => {
  test.each([
    { exit: { code: 0, signal: null }, status: 'stopped', text: 'exited with code 0' },
    { exit: { code: 1, signal: null }, status: 'failed', text: 'exited with code 1' },
    { exit: { code: null, signal: 'SIGSEGV' }, status: 'failed', text: 'ended by SIGSEGV' },
  ])('shows $status when it $text', async ({ exit, status, text }) => {
    const { adapter, processes, history, texts } = stage()
    await processes.start('worker')
    adapter.last.events.exit(exit)
    expect(processes.status()).toMatchObject([{ status, pid: null, exit }])
    expect(texts('worker').at(-1)).toBe(text)
    expect(history.slice(2)).toEqual([`worker ${status}`, 'exited worker:1'])
  })

  test('takes an end that comes before the start has returned', async () => {
    const { adapter, processes, history } = stage()
    const starting = processes.start('worker')
    adapter.last.events.exit({ code: 2, signal: null })
    await expect(starting).resolves.toMatchObject([{ status: 'failed', exit: { code: 2 } }])
    expect(history).toEqual(['worker starting', 'worker failed', 'exited worker:1'])
  })
})

describe('ClientProcesses.stopAll()', () => {
  test('stops every client and lets none start until the engine starts again', async () => {
    const { adapter, processes } = stage({ worker: { ...worker, autoStart: true }, other: { command: 'ruby' } })
    await processes.open()
    expect(processes.status()).toMatchObject([{ status: 'running' }, { status: 'stopped' }])
    const stopping = processes.stopAll()
    await expect(processes.start('other')).rejects.toMatchObject({ code: 'ENGINE_STOPPED' })
    adapter.last.events.exit({ code: 0, signal: null })
    await stopping
    await processes.open()
    expect(processes.status()).toMatchObject([{ status: 'running', starts: 2 }, { status: 'stopped' }])
  })
})
