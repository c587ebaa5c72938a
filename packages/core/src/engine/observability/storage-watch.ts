/* Watches the commits of an engine: how large they are, how long they take, and whether the storage takes them at all. */
import { PerfectError } from '../../errors/perfect-error.ts'
import type { Clock } from '../../primitives/clock.ts'
import type { Change, Receipt } from '../../storage/changes.ts'
import type { Storage } from '../../storage/storage.ts'
import type { EngineLog } from './engine-log.ts'
import type { EngineMeters } from './engine-meters.ts'

/** A storage that takes nothing. */
export interface StorageOutage {
  readonly error: unknown
  /** Unit: ms since 1970 UTC. */
  readonly since: number
  /** The same by the monotonic clock. */
  readonly startedAt: number
}

interface WatchParts {
  readonly storage: Pick<Storage, 'commit' | 'name'>
  readonly clock: Clock
  readonly meters: EngineMeters
  readonly log: EngineLog
}

/** Commits, and keeps in mind how that went. */
export class StorageWatch {
  readonly #parts: WatchParts
  #outage: StorageOutage | null = null

  constructor(parts: WatchParts) {
    this.#parts = parts
  }

  /** Since when the storage takes nothing; null while it works. */
  get outage(): StorageOutage | null {
    return this.#outage
  }

  /** Stores changes, as the storage does. */
  readonly commit = async (changes: readonly Change[]): Promise<readonly Receipt[]> => {
    const { storage, clock, meters } = this.#parts
    const before = clock.monotonic()
    try {
      const receipts = await storage.commit(changes)
      meters.committed(changes.length, clock.monotonic() - before)
      if (this.#outage) this.#isBack(this.#outage)
      return receipts
    } catch (error) {
      this.failed(error)
      throw error
    }
  }

  /** A call of the storage failed. */
  failed(error: unknown): void {
    const { storage, clock, meters, log } = this.#parts
    meters.storageFailed(PerfectError.is(error) ? error.code : 'INTERNAL')
    if (this.#outage || !PerfectError.is(error, 'STORAGE_UNAVAILABLE')) return
    this.#outage = { error, since: clock.now(), startedAt: clock.monotonic() }
    log.error({ event: 'storage.away', storage: storage.name, err: error }, 'the storage takes nothing; results wait')
  }

  #isBack({ startedAt }: StorageOutage): void {
    const { storage, clock, log } = this.#parts
    this.#outage = null
    const awayMs = Math.round(clock.monotonic() - startedAt)
    log.info({ event: 'storage.back', storage: storage.name, awayMs }, 'the storage works again')
  }
}
