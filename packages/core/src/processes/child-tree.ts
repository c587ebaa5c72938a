/*
 * Processes as children of this one. No shell is involved. Each gets a group of its own, so that a signal reaches all of
 * it, a small environment, and a guard that ends it should this process be killed.
 *
 * A process has ended when it and everything that came from it are gone: after the process itself, the rest is asked to
 * end, and killed after a short time. Whoever holds its pipes open does not delay that.
 */
import type { ChildProcess } from 'node:child_process'
import { statSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'

import { PerfectError } from '../errors/perfect-error.ts'
import type { ChildProcessOptions } from './child-process.ts'
import { endTree } from './end-tree.ts'
import { endLeftover, identityOf } from './leftover.ts'
import type {
  ProcessAdapter,
  ProcessEvents,
  ProcessExit,
  ProcessSpec,
  ProcessUsage,
  RunningProcess,
} from './process-adapter.ts'
import { processEnvironment } from './process-environment.ts'
import { ProcessGuard, type GuardedPlace } from './process-guard.ts'
import { processModule } from './process-module.ts'
import { MARK_VARIABLE, ProcessTree, sendSignal } from './process-tree.ts'

// How long output may still come when everybody known is gone. A stranger that holds the pipe writes no more for us.
const DRAIN_MS = 1000

/** Starts processes as children of this one: what `childProcessAdapter` loads. */
export function childTrees({
  nodePath = process.execPath,
  leftoverGraceMs = 2000,
}: ChildProcessOptions): Required<ProcessAdapter> {
  const guard = new ProcessGuard({ nodePath, graceMs: leftoverGraceMs })
  return {
    async start(spec, events) {
      const place = reservePlace(guard, spec)
      try {
        const child = await spawnChild(spec, place.mark)
        return new ChildTree(child, { place, events, leftoverGraceMs })
      } catch (error) {
        place.release()
        throw startFailed(spec, error)
      }
    },
    endLeftover: (identity) => endLeftover(identity, leftoverGraceMs),
  }
}

function reservePlace(guard: ProcessGuard, spec: ProcessSpec): GuardedPlace {
  try {
    return guard.reserve()
  } catch (error) {
    throw startFailed(spec, error)
  }
}

interface SpawnedChild {
  readonly process: ChildProcess
  readonly pid: number
  readonly stdout: Readable
  readonly stderr: Readable
}

async function spawnChild(spec: ProcessSpec, mark: string): Promise<SpawnedChild> {
  const child = processModule().spawn(spec.command, spec.args, {
    ...(spec.cwd !== undefined && { cwd: spec.cwd }),
    env: { ...processEnvironment(spec.env), [MARK_VARIABLE]: mark },
    shell: false,
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  })
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', reject)
  })
  const { pid, stdout, stderr } = child
  if (pid === undefined) throw new Error('The system gave it no process id')
  return { process: child, pid, stdout, stderr }
}

interface TreeOptions {
  readonly place: GuardedPlace
  readonly events: ProcessEvents
  readonly leftoverGraceMs: number
}

/** A child and everything that comes from it. */
class ChildTree implements RunningProcess {
  readonly pid: number
  readonly identity: string
  readonly #tree: ProcessTree
  readonly #child: SpawnedChild
  readonly #options: TreeOptions
  readonly #closed: Promise<void>
  #state: 'running' | 'leaderEnded' | 'gone' = 'running'
  #killed = false
  // Who got SIGTERM: a second one is an order to hurry for many programs.
  readonly #asked = new Set<number>()

  constructor(child: SpawnedChild, options: TreeOptions) {
    this.pid = child.pid
    this.identity = identityOf(child.pid, options.place.mark)
    this.#child = child
    this.#options = options
    this.#tree = new ProcessTree(child.pid, options.place.mark)
    options.place.watch(child.pid)
    this.#closed = new Promise((resolve) => void child.process.once('close', () => resolve()))
    child.process.once('exit', (code, signal) => void this.#leaderEnded({ code, signal }))
    // A signal that could not be sent; whether the process still runs is seen by other means.
    child.process.on('error', () => undefined)
    forward(child.stdout, (chunk) => options.events.output('stdout', chunk))
    forward(child.stderr, (chunk) => options.events.output('stderr', chunk))
  }

  usage(): Promise<ProcessUsage | null> {
    return this.#state === 'running' ? this.#tree.usage() : Promise.resolve(null)
  }

  terminate(): void {
    void this.#signalAll('SIGTERM')
  }

  kill(): void {
    this.#killed = true
    void this.#signalAll('SIGKILL')
  }

  // Looks before anybody goes: who has left the group and hides its mark is known only by a parent that lives.
  async #signalAll(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const members = await this.#tree.members()
    if (this.#state !== 'running') return
    this.#tree.signalGroup(signal)
    for (const { pid, isInGroup } of members) {
      if (isInGroup) this.#asked.add(pid)
      else if (signal === 'SIGKILL') sendSignal(pid, signal)
    }
  }

  async #leaderEnded(exit: ProcessExit): Promise<void> {
    this.#state = 'leaderEnded'
    const { leftoverGraceMs: graceMs } = this.#options
    await endTree(this.#tree, { graceMs, asked: this.#asked, isUrgent: () => this.#killed })
    await Promise.race([this.#closed, delay(DRAIN_MS, undefined, { ref: false })])
    this.#child.stdout.destroy()
    this.#child.stderr.destroy()
    this.#state = 'gone'
    this.#options.place.release()
    this.#options.events.exit(exit)
  }
}

// One piece for each turn of the event loop: a process that floods its output does not keep the host from its work.
function forward(stream: Readable, take: (chunk: Uint8Array) => void): void {
  stream.on('data', (chunk: Uint8Array) => {
    stream.pause()
    take(chunk)
    setImmediate(() => stream.resume())
  })
  stream.on('error', () => undefined)
}

function startFailed(spec: ProcessSpec, cause: unknown): PerfectError<'CLIENT_START_FAILED'> {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const code = cause instanceof Error && 'code' in cause ? cause.code : null
  const message = `"${spec.command}" could not be started: ${reason}. ${adviceFor(spec, code)}`
  const details = { command: spec.command, cwd: spec.cwd ?? null, reason: typeof code === 'string' ? code : null }
  return new PerfectError('CLIENT_START_FAILED', message, { details, cause })
}

function adviceFor(spec: ProcessSpec, code: unknown): string {
  if (spec.cwd !== undefined && !isFolder(spec.cwd))
    return `The working directory "${spec.cwd}" is not a folder: correct "cwd" in the declaration of the client.`
  if (code === 'ENOENT')
    return 'There is no such program: install it, or correct "command" in the declaration of the client.'
  if (code === 'EACCES') return 'The file may not be executed: check its permissions.'
  return 'Check "command", "args" and "env" in the declaration of the client.'
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}
