import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { flow, FlowEngine, task, type Flow, type ProcessTaskOptions, type RunHandle } from '@perfect/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'

import { childProcessAdapter } from '../../src/processes/child-process.ts'
import { eventually, isGone } from './real-processes.ts'

const adapter = childProcessAdapter({ leftoverGraceMs: 200 })
let folder: string
const engines: FlowEngine[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perfect-process-'))
})
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.stop({ drainMs: 0 })))
  await rm(folder, { recursive: true, force: true })
})

/** A process task that runs JavaScript; `pid(name, pid)` tells a pid to the test. */
function javascript(code: string, options: Partial<ProcessTaskOptions<[]>> = {}) {
  const path = JSON.stringify(folder)
  const tell = `const pid = (name, pid) => require('node:fs').writeFileSync(${path} + '/' + name, String(pid));`
  return task.process('script', {
    command: process.execPath,
    args: ['-e', `${tell}${code}`],
    adapter,
    graceMs: 5000,
    ...options,
  })
}

function triggered<R>(definition: Flow<void, R>): Promise<{ engine: FlowEngine; run: RunHandle<R> }> {
  const engine = new FlowEngine({ cancelGraceMs: 10_000 })
  engines.push(engine)
  engine.registerFlow(definition)
  return engine.triggerFlow(definition).then((run) => ({ engine, run }))
}

/** Waits until a process has told its pid. */
async function pidOf(name: string): Promise<number> {
  const read = (): string => {
    try {
      return readFileSync(join(folder, name), 'utf8')
    } catch {
      return ''
    }
  }
  await eventually(() => read() !== '', `the pid of ${name}`)
  return Number(read())
}

const STAYS = 'setInterval(() => {}, 1000);'
const STUBBORN = `process.on('SIGTERM', () => {}); ${STAYS}`

describe('task.process', { timeout: 60_000 }, () => {
  it('gives the exit code and the last lines, and writes the output to the log of the task', async () => {
    const script = javascript('console.log("one"); console.error("two"); process.stdout.write("three")')
    const { engine, run } = await triggered(flow('script', () => script()))
    const { exitCode, lastLines } = (await run.result()) as { exitCode: number; lastLines: readonly string[] }
    expect(exitCode).toBe(0)
    expect(lastLines.toSorted((a, b) => a.localeCompare(b))).toEqual(['one', 'three', 'two'])
    const { items } = await engine.getLogs(run.id, { task: 'script#1' })
    const lines = items.map(({ level, message }) => `${level} ${message}`)
    expect(lines.toSorted((a, b) => a.localeCompare(b))).toEqual(['info one', 'info three', 'warn two'])
  })

  it('passes the arguments of the call on as they are, past any shell', async () => {
    const echo = task.process('echo', {
      command: process.execPath,
      args: (text: string, times: number) => ['-e', PRINT_ARGS, '--', text, String(times)],
      adapter,
      result: z.array(z.string()),
    })
    const text = '$(touch x) "; rm -rf / # *'
    const { run } = await triggered(flow('echo', () => echo(text, 2)))
    expect(await run.result()).toEqual([text, '2'])
  })

  it('tells progress, and takes the result from the last line that gives one', async () => {
    const script = javascript(
      `console.log('::progress 0.4 reading'); console.log('::result 1');
       setTimeout(() => { console.log('{"progress":0.8}'); console.log('::result {"rows":17}') }, 300)`,
    )
    const { engine, run } = await triggered(flow('script', () => script()))
    const seen: unknown[] = []
    engine.on('task.updated', ({ task: { fraction, note } }) => seen.push([fraction, note]))
    expect(await run.result()).toEqual({ rows: 17 })
    expect(seen).toContainEqual([0.8, 'reading'])
    expect((await engine.getLogs(run.id)).items).toEqual([])
  })

  it('reads lines as the task says', async () => {
    const script = javascript('console.log("50 %"); console.log("done: 3"); console.log("bye")', {
      parse: (line) => {
        const percent = /^(\d+) %$/.exec(line)?.[1]
        if (percent !== undefined) return { progress: Number(percent) / 100 }
        const count = /^done: (\d+)$/.exec(line)?.[1]
        return count === undefined ? undefined : { result: Number(count) }
      },
    })
    const { engine, run } = await triggered(flow('script', () => script()))
    expect(await run.result()).toBe(3)
    expect((await engine.getLogs(run.id)).items.map(({ message }) => message)).toEqual(['bye'])
  })

  it('fails when the program exits with another code than 0, with its last words', async () => {
    const script = javascript('console.log("fine"); console.error("no such table: rows"); process.exitCode = 3')
    const { run } = await triggered(flow('script', () => script()))
    const error = await run.result().catch((thrown: unknown) => thrown)
    const details = {
      task: 'script',
      command: process.execPath,
      code: 3,
      signal: null,
      lastLines: ['no such table: rows'],
    }
    expect(error).toMatchObject({ code: 'PROCESS_FAILED', details })
    expect(String(error)).toContain('of task "script" exited with code 3. Its last lines: no such table: rows')
  })

  it('fails when the program is ended by a signal, cannot be started, or gives a result that does not fit', async () => {
    const ended = javascript('process.kill(process.pid, "SIGKILL")')
    await expect(ended()).rejects.toMatchObject({ code: 'PROCESS_FAILED', details: { signal: 'SIGKILL' } })
    const missing = task.process('missing', { command: join(folder, 'none'), adapter })
    await expect(missing()).rejects.toThrow(
      /"none" of task "missing" could not be started: ENOENT|could not be started: ENOENT/,
    )
    const typed = task.process('typed', {
      command: process.execPath,
      args: ['-e', 'console.log("::result 1")'],
      adapter,
      result: z.object({ rows: z.number() }),
    })
    await expect(typed()).rejects.toMatchObject({ code: 'PROCESS_FAILED', details: { task: 'typed' } })
    await expect(javascript('console.log("::result {")')()).rejects.toThrow(/cannot be read/)
  })

  it('is tried again as the task says, and knows the attempt and the idempotency key', async () => {
    const code = `const { PERFECT_ATTEMPT, PERFECT_IDEMPOTENCY_KEY } = process.env;
      if (PERFECT_ATTEMPT === '1') process.exit(1);
      console.log('::result ' + JSON.stringify(PERFECT_ATTEMPT + ' ' + PERFECT_IDEMPOTENCY_KEY))`
    const script = javascript(code, { retry: { attempts: 2, backoff: 1 } })
    const { run } = await triggered(flow('script', () => script()))
    expect(await run.result()).toBe(`2 ${run.id}:script#1`)
  })

  it('sees only the environment it was given', async () => {
    process.env['PERFECT_TEST_SECRET'] = 'hunter2'
    const script = javascript(
      'console.log("::result " + JSON.stringify([process.env.PERFECT_TEST_SECRET ?? null, process.env.MODE]))',
      {
        env: { MODE: 'fast' },
      },
    )
    expect(await script()).toEqual([null, 'fast'])
    delete process.env['PERFECT_TEST_SECRET']
  })

  it('is ended with everything it started when the run is cancelled', async () => {
    const child = `const child = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(STAYS)}]);
      pid('child', child.pid);`
    const script = javascript(`${child} pid('self', process.pid); ${STAYS}`)
    const { run } = await triggered(flow('script', () => script()))
    const pids = await Promise.all([pidOf('self'), pidOf('child')])
    await run.cancel()
    await expect(run.result()).rejects.toMatchObject({ code: 'RUN_CANCELLED' })
    expect(pids.map(isGone)).toEqual([true, true])
  })

  it('is killed when it ignores the end of its time, and not tried again before it is gone', async () => {
    const code = `if (process.env.PERFECT_ATTEMPT === '2') {
        const first = Number(require('node:fs').readFileSync(${JSON.stringify(join(folder, 'self'))}, 'utf8'));
        let isGone = false;
        try { process.kill(first, 0) } catch { isGone = true }
        console.log('::result ' + isGone); process.exit() }
      pid('self', process.pid); ${STUBBORN}`
    const script = javascript(code, { timeout: 1500, graceMs: 300, retry: { attempts: 2, backoff: 1 } })
    const { run } = await triggered(flow('script', () => script()))
    expect(await run.result()).toBe(true)
  })

  it('is ended when the engine stops', async () => {
    const script = javascript(`pid('self', process.pid); ${STAYS}`)
    const { engine } = await triggered(flow('script', () => script()))
    const pid = await pidOf('self')
    await engine.stop({ drainMs: 0 })
    await eventually(() => isGone(pid), 'the end of the process')
    expect(isGone(pid)).toBe(true)
  })

  it('keeps a flood of output from filling the log', async () => {
    const script = javascript('for (let line = 0; line < 200_000; line++) console.log("line " + line)')
    const { engine, run } = await triggered(flow('script', () => script()))
    const { lastLines } = (await run.result()) as { lastLines: readonly string[] }
    expect(lastLines.at(-1)).toBe('line 199999')
    expect(lastLines).toHaveLength(20)
    const { items } = await engine.getLogs(run.id, { limit: 1000, minLevel: 'warn' })
    expect(items.some(({ message }) => message.endsWith('the process wrote too many at once'))).toBe(true)
  })

  it('outlives neither its host nor a kill of it', async () => {
    const path = join(folder, 'host.ts')
    const core = new URL('../../src/index.ts', import.meta.url).href
    await writeFile(
      path,
      `import { writeFileSync } from 'node:fs'
       import { task } from ${JSON.stringify(core)}
       writeFileSync(${JSON.stringify(join(folder, 'host'))}, String(process.pid))
       const code = ${JSON.stringify(`require('node:fs').writeFileSync(${JSON.stringify(join(folder, 'self'))}, String(process.pid)); ${STUBBORN}`)}
       await task.process('script', { command: process.execPath, args: ['-e', code] })()`,
    )
    const host = task.process('host', { command: process.execPath, args: [path], adapter, graceMs: 0, timeout: '1m' })
    const ended = host().catch((thrown: unknown) => thrown)
    const pid = await pidOf('self')
    process.kill(await pidOf('host'), 'SIGKILL')
    expect(await ended).toMatchObject({ code: 'PROCESS_FAILED' })
    await eventually(() => isGone(pid), 'the end of the process')
  })

  it('refuses wrong declarations before anything runs', () => {
    const refused = { code: 'TASK_DEFINITION_INVALID' }
    const made = (options: object) => () => task.process('a', { command: 'node', ...options })
    expect(made({ command: '' })).toThrow(expect.objectContaining(refused))
    expect(made({ args: ['a\0b'] })).toThrow(expect.objectContaining(refused))
    expect(made({ env: { A: 1 } })).toThrow(expect.objectContaining(refused))
    expect(made({ graceMs: -1 })).toThrow(expect.objectContaining(refused))
  })
})

const PRINT_ARGS = 'console.log("::result " + JSON.stringify(process.argv.slice(1)))'
