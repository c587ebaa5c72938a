import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { FlowEngine } from '@perfect/core'
import { serve, type PerfectServer } from '@perfect/http/node'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { pythonPath, SDK } from '../python.ts'

const GUIDE = new URL('../../../docs/guide/python-workers.md', import.meta.url)
const OWN = fileURLToPath(new URL('newcomer_flows.py', import.meta.url))
const EXAMPLES = fileURLToPath(new URL('../../../examples/workflows/example_flows.py', import.meta.url))
const PATIENCE = { timeout: 25_000, interval: 20 }

describe('somebody who has read the guides of Python', () => {
  let engine: FlowEngine
  let server: PerfectServer
  let folder: string
  const workers: ChildProcess[] = []
  beforeEach(async () => {
    engine = new FlowEngine({ leaseMs: 1500 })
    server = await serve(engine, { port: 0 })
    folder = mkdtempSync(join(tmpdir(), 'perfect-newcomer-'))
  })
  afterEach(async () => {
    for (const worker of workers.splice(0)) worker.kill('SIGKILL')
    await server.close()
    await engine.stop({ drainMs: 0 })
    rmSync(folder, { recursive: true, force: true })
  })

  /** `python -m perfect_client …`, as the guide writes it. */
  function perfectClient(...args: readonly string[]): ChildProcess {
    const env = {
      ...process.env,
      PYTHONPATH: SDK,
      PYTHONDONTWRITEBYTECODE: '1',
      PERFECT_URL: server.url,
      PERFECT_EXAMPLE_PACE: '0.3',
      PERFECT_EXAMPLE_RESULTS: folder,
    }
    return spawn(pythonPath(), ['-m', 'perfect_client', ...args], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  }

  async function shell(...args: readonly string[]): Promise<string> {
    const child = perfectClient(...args)
    let output = ''
    child.stdout?.on('data', (bytes: Buffer) => (output += bytes.toString()))
    await once(child, 'close')
    return output
  }

  async function startWorker(file: string, flow: string): Promise<ChildProcess> {
    const worker = perfectClient('worker', file)
    workers.push(worker)
    await expect.poll(() => engine.workers.workersFor(flow), PATIENCE).toBe(1)
    return worker
  }

  test('runs the flow of the page, and starts it from a shell', async () => {
    const [, code = ''] =
      /Put this into `my_flows\.py`:\s+```python\n(.*?)```/su.exec(readFileSync(GUIDE, 'utf8')) ?? []
    writeFileSync(join(folder, 'my_flows.py'), code)
    await startWorker('my_flows.py', 'daily-sum')
    expect(JSON.parse(await shell('trigger', 'Daily Sum', 'day=2026-11-23', '--wait'))).toMatchObject({
      status: 'succeeded',
      result: 9900,
    })
    expect(await shell('runs')).toContain('succeeded  100%')
  })

  test('writes flows of their own that work at the first try', async () => {
    await startWorker(OWN, 'weather-report')
    const cities = JSON.stringify(['Rome', 'Atlantis', 'Oslo', 'Berlin'])
    const answer = await shell('trigger', 'Weather Report', `cities=${cities}`, 'copies=2', '--wait')
    expect(JSON.parse(answer)).toMatchObject({ status: 'succeeded', result: '4.7 (1)' })
    expect(await shell('trigger', 'Weather Report', 'cities=7')).toBe('')
    expect((await engine.getRuns()).items).toHaveLength(1)
  })

  test.each([
    ['ETL Pipeline', 'etl-pipeline'],
    ['Model Training', 'model-training'],
    ['Machine Monitoring', 'machine-monitoring'],
  ])('kills the worker of %s in the middle, starts it again, and nothing recorded is repeated', async (name, id) => {
    const worker = await startWorker(EXAMPLES, id)
    const runId = (await shell('trigger', name)).trim()
    const recorded = async (): Promise<ReadonlyMap<string, string | null>> => {
      const { tasks } = await engine.getRunDetail(runId)
      return new Map(tasks.flatMap(({ key, finishedAt }) => (finishedAt === null ? [] : [[key, finishedAt]])))
    }
    await expect.poll(async () => (await recorded()).size, PATIENCE).toBeGreaterThan(0)
    worker.kill('SIGKILL')
    await once(worker, 'exit')
    const before = await recorded()
    expect((await engine.getRun(runId)).status).toBe('running')
    await expect.poll(() => engine.workers.workersFor(id), PATIENCE).toBe(0)
    await startWorker(EXAMPLES, id)
    await expect.poll(async () => (await engine.getRun(runId)).status, PATIENCE).toBe('succeeded')
    const after = await recorded()
    expect([...before].filter(([key, finishedAt]) => after.get(key) !== finishedAt)).toEqual([])
    expect((await engine.getRun(runId)).epoch).toBe(2)
  })
})
