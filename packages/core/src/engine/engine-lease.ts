/*
 * Tells the other engines of the same storage that this one lives, and finds those that do not: a dead engine's runs can be taken.
 */
import { hostname } from 'node:os'

import type { GroupCommit } from '../journal/group-commit.ts'
import type { Clock } from '../primitives/clock.ts'
import type { Change } from '../storage/changes.ts'
import type { EngineRecord } from '../storage/records.ts'
import type { Storage } from '../storage/storage.ts'
import type { ErrorReporter } from './event-bus.ts'

/** What a lease works with. */
export interface EngineLeaseParts {
  readonly engineId: string
  readonly storage: Storage
  readonly commit: GroupCommit
  readonly clock: Clock
  /** Unit: ms. */
  readonly leaseMs: number
  readonly report: ErrorReporter
  /** Called after each renewal: time to look for runs of engines that died. */
  readonly onRenewed: () => void
}

// Two more tries before the lease ends.
const RENEWALS_PER_LEASE = 3

// Engines of this process, over all copies of the package: their process lives even after they are gone.
const LIVING: Set<string> = ((globalThis as Record<symbol, unknown>)[Symbol.for('perfect.engines')] ??=
  new Set<string>()) as Set<string>

/** Counts an engine of this process as dead from now on, as if it had been in a process of its own that was killed. */
export function presumeDead(engineId: string): void {
  LIVING.delete(engineId)
}

/** The lease of one engine. */
export class EngineLease {
  readonly #parts: EngineLeaseParts
  readonly #startedAt: number
  #stopTimer: (() => void) | null = null
  #renewedAt: number | null = null

  constructor(parts: EngineLeaseParts) {
    this.#parts = parts
    this.#startedAt = parts.clock.now()
  }

  /** Unit: ms. */
  get leaseMs(): number {
    return this.#parts.leaseMs
  }

  /** Time since the last renewal; null before the first. Unit: ms. */
  get ageMs(): number | null {
    return this.#renewedAt === null ? null : this.#parts.clock.monotonic() - this.#renewedAt
  }

  /**
   * Registers the engine, and forgets engines whose process is known to be gone.
   *
   * @param more What else the start of an engine writes.
   */
  async open(more: readonly Change[]): Promise<void> {
    LIVING.add(this.#parts.engineId)
    const others = await this.#parts.storage.engines.list()
    const dead = others.filter((engine) => isKnownDead(engine))
    await this.#parts.commit.append(
      [this.#renewal(), ...dead.map(({ id }) => ({ type: 'engine.remove', engineId: id }) as const), ...more],
      'impatient',
    )
    this.#renewedAt = this.#parts.clock.monotonic()
    this.#renewLater()
  }

  /** Gives the lease back. */
  async close(): Promise<void> {
    this.#stopTimer?.()
    LIVING.delete(this.#parts.engineId)
    await this.#parts.commit.append([{ type: 'engine.remove', engineId: this.#parts.engineId }], 'impatient')
  }

  #renewal(): {
    readonly type: 'engine.put'
    readonly engine: Omit<EngineRecord, 'leaseUntil'>
    readonly leaseMs: number
  } {
    const { engineId, leaseMs } = this.#parts
    const engine = { id: engineId, host: hostname(), pid: process.pid, startedAt: this.#startedAt }
    return { type: 'engine.put', engine, leaseMs }
  }

  #renewLater(): void {
    const everyMs = this.#parts.leaseMs / RENEWALS_PER_LEASE
    this.#stopTimer = this.#parts.clock.setTimer(everyMs, () => void this.#renew())
  }

  async #renew(): Promise<void> {
    // The lease begins when the storage writes it, which is after this.
    const at = this.#parts.clock.monotonic()
    try {
      await this.#parts.commit.append([this.#renewal()], 'impatient')
      this.#renewedAt = at
      this.#parts.onRenewed()
    } catch (error) {
      const isOver = this.ageMs !== null && this.ageMs > this.#parts.leaseMs
      const rest = isOver ? '; it is over, and other engines may take its runs' : ''
      this.#parts.report(error, `renewing the lease of the engine${rest}`)
    }
    if (LIVING.has(this.#parts.engineId)) this.#renewLater()
  }
}

/** Whether an engine of this machine has no process any more; of other machines nothing is known but their lease. */
function isKnownDead(engine: EngineRecord): boolean {
  if (engine.host !== hostname()) return false
  if (engine.pid === process.pid) return !LIVING.has(engine.id)
  try {
    process.kill(engine.pid, 0)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'
  }
}
