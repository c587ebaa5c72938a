import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'

import { afterEach, describe, expect, test } from 'vitest'

import { childProcessAdapter } from '../../src/processes/child-process.ts'
import type { ProcessUsage } from '../../src/processes/process-adapter.ts'
import { parseUsage } from '../../src/processes/process-facts.ts'
import { ProcessTree } from '../../src/processes/process-tree.ts'
import { stage } from './staged-clients.ts'

const MIB = 1024 * 1024

describe('the usage of a client', () => {
  test('is sampled every 5 s, with its share of a core since the sample before', async () => {
    const { adapter, clock, processes } = stage()
    await processes.start('worker')
    adapter.usage = { cpuMs: 1000, memoryBytes: 7 * MIB, processes: 1 }
    await clock.advance(5000)
    adapter.usage = { cpuMs: 11_000, memoryBytes: 9 * MIB, processes: 3 }
    await clock.advance(5000)
    const [view] = processes.status()
    expect(view?.usage).toMatchObject([
      { cpu: 0.2, memoryBytes: 7 * MIB, processes: 1 },
      { cpu: 2, memoryBytes: 9 * MIB, processes: 3 },
    ])
  })

  test('is never less than none, when a process has ended with its time', async () => {
    const { adapter, clock, processes } = stage()
    await processes.start('worker')
    adapter.usage = { cpuMs: 9000, memoryBytes: 1, processes: 2 }
    await clock.advance(5000)
    adapter.usage = { cpuMs: 500, memoryBytes: 1, processes: 1 }
    await clock.advance(5000)
    expect(processes.status()[0]?.usage.at(-1)?.cpu).toBe(0)
  })

  test('is kept for five minutes', async () => {
    const { adapter, clock, processes } = stage()
    await processes.start('worker')
    adapter.usage = { cpuMs: 0, memoryBytes: 1, processes: 1 }
    await clock.advance(5000 * 100)
    expect(processes.status()[0]?.usage).toHaveLength(60)
  })

  test('is told as a change, and stays to be seen after the end', async () => {
    const { adapter, clock, processes, history } = stage()
    await processes.start('worker')
    adapter.usage = { cpuMs: 0, memoryBytes: 1, processes: 1 }
    await clock.advance(5000)
    expect(history.slice(2)).toEqual(['worker running'])
    adapter.last.events.exit({ code: 0, signal: null })
    await clock.advance(60_000)
    expect(processes.status()[0]?.usage).toHaveLength(1)
  })

  test('is empty where the system does not tell', async () => {
    const { clock, processes } = stage()
    await processes.start('worker')
    await clock.advance(5000)
    expect(processes.status()[0]?.usage).toEqual([])
  })
})

describe('the health of a client', () => {
  test('is what is heard of the worker in its process', async () => {
    const { adapter, processes, heartbeats } = stage()
    const health = (): string | undefined => processes.status()[0]?.health
    expect(health()).toBe('unknown')
    await processes.start('worker')
    expect(health()).toBe('unknown')
    heartbeats.set('worker:1', 'ok')
    expect(health()).toBe('ok')
    heartbeats.set('worker:1', 'silent')
    expect(health()).toBe('silent')
    adapter.last.events.exit({ code: 0, signal: null })
    expect(health()).toBe('unknown')
  })
})

describe('parseUsage()', () => {
  test('adds up the time of a process and of its children that have ended', () => {
    const stat = '501 (a) b) S 500 499 498 0 -1 4194560 0 0 0 0 100 20 3 4 20 0 1 0 7777 0 0'
    expect(parseUsage(stat, 'Name:\ta\nVmRSS:\t    2048 kB\n')).toEqual({ cpuMs: 1270, memoryBytes: 2 * MIB })
  })

  test('gives nothing for a process that has ended', () => {
    expect(parseUsage('', '')).toEqual({ cpuMs: 0, memoryBytes: 0 })
  })
})

describe.runIf(existsSync('/bin/ps'))('a real process where there is no /proc', { timeout: 60_000 }, () => {
  test('tells what its group uses until it has ended', async () => {
    const code = 'const until = Date.now() + 300; while (Date.now() < until); setInterval(() => {}, 1e6)'
    const child = spawn(process.execPath, ['-e', code], { detached: true, stdio: 'ignore' })
    const pid = child.pid ?? 0
    // Nothing is known of its start, as on systems that do not tell.
    const tree = new ProcessTree(pid, 'mark', Number.NaN)
    try {
      let usage: ProcessUsage | null = null
      while (usage === null || usage.memoryBytes < 20 * MIB) usage = await tree.usage()
      expect(usage.processes).toBe(1)
      expect(usage.cpuMs).toBeGreaterThanOrEqual(0)
    } finally {
      const exited = once(child, 'exit')
      tree.signalGroup('SIGKILL')
      await exited
    }
    expect(await tree.usage()).toBeNull()
  })
})

describe.runIf(process.platform === 'linux')('a real process', { timeout: 60_000 }, () => {
  const running: { kill(): void }[] = []
  afterEach(() => running.splice(0).forEach((one) => one.kill()))

  test('tells what it and the processes it has started use', async () => {
    const busy = 'const until = Date.now() + 300; while (Date.now() < until); setInterval(() => {}, 1e6)'
    const code = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(busy)}]); ${busy}`
    const adapter = childProcessAdapter({ leftoverGraceMs: 200 })
    const events = { output: () => undefined, exit: () => undefined }
    const child = await adapter.start({ command: process.execPath, args: ['-e', code], env: {} }, events)
    running.push(child)
    let usage: ProcessUsage | null | undefined
    while ((usage?.cpuMs ?? 0) < 150 || usage?.processes !== 2) usage = await child.usage?.()
    expect(usage.memoryBytes).toBeGreaterThan(40 * MIB)
  })
})
