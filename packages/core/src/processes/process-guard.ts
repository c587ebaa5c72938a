import type { ChildProcess } from 'node:child_process'

import { nodeCrypto } from '../primitives/node-crypto.ts'
import { GUARD_SCRIPT } from './guard-script.ts'
import { processEnvironment } from './process-environment.ts'
import { processModule } from './process-module.ts'
import { MARK_VARIABLE } from './process-tree.ts'

/** The place of one process under the guard. */
export interface GuardedPlace {
  /** Value for the mark variable of the process' environment. */
  readonly mark: string
  /** The process runs under this pid now. */
  watch(pid: number): void
  /** The process and what it started are gone. */
  release(): void
}

/** What a {@link ProcessGuard} works with. */
export interface ProcessGuardOptions {
  /** Node, to run it. */
  readonly nodePath: string
  /** Between the end of the host and SIGKILL for what it left behind. Unit: ms. Range: >= 0. */
  readonly graceMs: number
}

interface Watch {
  readonly mark: string
  readonly places: Set<{ pid?: number }>
  guard: ChildProcess
}

/**
 * Sees to it that no process outlives this one, even when this one is killed with SIGKILL.
 *
 * One small process for all of an adapter, started with the first and ended after the last of them. It holds a pipe to
 * this process; the system closes the pipe whatever happens, and the guard ends what is left.
 */
export class ProcessGuard {
  readonly #options: ProcessGuardOptions
  #watch: Watch | undefined
  #places = 0

  constructor(options: ProcessGuardOptions) {
    this.#options = options
  }

  /** Takes a place before the process is started: from then on its mark is enough to be found. */
  reserve(): GuardedPlace {
    const watch = (this.#watch ??= this.#begin())
    const place: { pid?: number } = {}
    watch.places.add(place)
    this.#places += 1
    return {
      mark: `${watch.mark}.${String(this.#places)}`,
      watch: (pid) => {
        place.pid = pid
        tell(watch.guard, `+${String(pid)}\n`)
      },
      release: () => {
        if (watch.places.delete(place) && place.pid !== undefined) tell(watch.guard, `-${String(place.pid)}\n`)
        if (watch.places.size === 0) this.#end(watch)
      },
    }
  }

  #begin(): Watch {
    const mark = nodeCrypto().randomBytes(12).toString('hex')
    const guard = this.#spawn(mark)
    if (guard.pid === undefined) throw new Error(`The guard process cannot be started with ${this.#options.nodePath}`)
    const watch: Watch = { mark, places: new Set(), guard }
    this.#replaceWhenLost(watch)
    return watch
  }

  #end(watch: Watch): void {
    if (this.#watch === watch) this.#watch = undefined
    watch.guard.stdin?.end()
  }

  #spawn(mark: string): ChildProcess {
    const args = ['-e', GUARD_SCRIPT, `${MARK_VARIABLE}=${mark}.`, String(this.#options.graceMs)]
    const guard = processModule().spawn(this.#options.nodePath, args, {
      // A session of its own: what ends this process by its group or its terminal does not end the guard.
      detached: true,
      cwd: '/',
      env: processEnvironment({ ELECTRON_RUN_AS_NODE: '1' }),
      stdio: ['pipe', 'ignore', 'ignore'],
      windowsHide: true,
    })
    // Both are seen elsewhere: a missing pid, and the end of the guard.
    guard.on('error', () => undefined)
    guard.stdin.on('error', () => undefined)
    guard.unref()
    // The pipe to a child is a socket.
    const pipe = guard.stdin as { readonly unref?: () => void }
    pipe.unref?.()
    return guard
  }

  // Somebody may kill the guard itself: another one takes over. One that fails by itself would fail again.
  #replaceWhenLost(watch: Watch): void {
    watch.guard.once('exit', (_code, signal) => {
      if (watch.places.size === 0) return
      if (signal === null) {
        process.emitWarning('The guard of client processes has failed: they may outlive this process if it is killed.')
        return
      }
      watch.guard = this.#spawn(watch.mark)
      this.#replaceWhenLost(watch)
      for (const { pid } of watch.places) if (pid !== undefined) tell(watch.guard, `+${String(pid)}\n`)
    })
  }
}

function tell(guard: ChildProcess, text: string): void {
  if (guard.stdin?.writable === true) guard.stdin.write(text)
}
