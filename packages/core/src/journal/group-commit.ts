/*
 * All writes of an engine go through one queue. While a commit is in flight, what arrives is gathered; when it returns, all of that is
 * the next commit: the busier the engine, the more writes share one fsync. The first write of an idle queue leaves at once.
 */
import { AsyncLocalStorage } from 'node:async_hooks'

import { PerfectError } from '../errors/perfect-error.ts'
import type { Clock } from '../primitives/clock.ts'
import type { Change, Receipt } from '../storage/changes.ts'
import type { Storage } from '../storage/storage.ts'
import { CommitPace } from './commit-pace.ts'

interface Entry {
  readonly turn: number
  readonly changes: readonly Change[]
  /** Waits for a storage that is away, instead of failing. */
  readonly isPatient: boolean
  readonly resolve: (receipts: readonly Receipt[]) => void
  readonly reject: (error: unknown) => void
}

// Bounds the time of one transaction, so that reads and the next writers are not kept waiting.
const MAX_CHANGES = 2000
// While the storage writes one commit the engine prepares the next.
const MAX_IN_FLIGHT = 2
// Fewer entries are not worth a second wait for the disk.
const MIN_SPLIT = 32
const FIRST_RETRY_MS = 100
const MAX_RETRY_MS = 5000

/** The queue through which an engine writes. */
export class GroupCommit {
  readonly #storage: Pick<Storage, 'commit'>
  readonly #clock: Clock
  #queue: Entry[] = []
  readonly #pace: CommitPace
  // A commit is of many runs: what hears of it must not seem to be called by the one that happened to start it.
  readonly #inOwnContext = AsyncLocalStorage.snapshot()
  #turns = 0
  #inFlight = 0
  #entriesInFlight = 0
  #lastSize = 0
  #isScheduled = false
  #failures = 0
  #failedAt = 0
  #lastError: unknown = null
  #stopRetry: (() => void) | null = null
  #idle: (() => void)[] = []
  #isClosed = false

  constructor(storage: Pick<Storage, 'commit'>, clock: Clock) {
    this.#storage = storage
    this.#clock = clock
    this.#pace = new CommitPace(clock)
  }

  /** The error of the last commit; null while the storage works. */
  get lastError(): unknown {
    return this.#lastError
  }

  /** Whether it stores nothing any more. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /**
   * Stores changes, all in the same transaction. `patient` changes wait while the storage is away; others fail then.
   *
   * @throws {PerfectError} STORAGE_UNAVAILABLE, ENGINE_STOPPED
   */
  append(changes: readonly Change[], patience: 'patient' | 'impatient'): Promise<readonly Receipt[]> {
    return new Promise((resolve, reject) => {
      this.#add(changes, { isPatient: patience === 'patient', resolve, reject })
    })
  }

  /**
   * Stores changes, however long the storage is away. An engine that has stopped stores nothing more: then there are no receipts.
   * Callbacks, since this is on the path of every task, and each promise costs more than its call.
   */
  offer(
    changes: readonly Change[],
    resolve: (receipts: readonly Receipt[]) => void,
    reject: (error: unknown) => void,
  ): void {
    const fail = (error: unknown): void => (PerfectError.is(error, 'ENGINE_STOPPED') ? resolve([]) : reject(error))
    this.#add(changes, { isPatient: true, resolve, reject: fail })
  }

  #add(changes: readonly Change[], { isPatient, resolve, reject }: Omit<Entry, 'turn' | 'changes'>): void {
    if (this.#isClosed) {
      reject(stopped())
      return
    }
    this.#queue.push({ turn: this.#turns++, changes, isPatient, resolve, reject })
    if (!isPatient) this.#hurry()
    this.#wake()
  }

  /** Waits until everything given so far is stored, or has failed. */
  async settled(): Promise<void> {
    if (this.#inFlight === 0 && this.#queue.length === 0) return
    await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  /** Refuses what comes later and what still waits for a storage that is away. */
  close(): void {
    this.#isClosed = true
    this.#stopRetry?.()
    for (const entry of this.#queue.splice(0)) entry.reject(stopped())
    this.#tellIdle()
  }

  #wake(): void {
    if (this.#isScheduled || !this.#mayFlush() || this.#stopRetry !== null) return
    this.#isScheduled = true
    // Later calls of the same synchronous code still join this commit.
    queueMicrotask(() => {
      this.#isScheduled = false
      this.#inOwnContext(() => {
        while (this.#queue.length > 0 && this.#mayFlush()) void this.#flush()
      })
    })
  }

  #mayFlush(): boolean {
    if (this.#inFlight === 0) return true
    return this.#inFlight < MAX_IN_FLIGHT && !this.#pace.isSlow(this.#queue.length + this.#entriesInFlight)
  }

  async #flush(): Promise<void> {
    const batch = this.#takeBatch()
    const changes = batch.flatMap((entry) => entry.changes)
    this.#inFlight++
    this.#entriesInFlight += batch.length
    const startedAt = this.#clock.monotonic()
    try {
      const receipts = await this.#storage.commit(changes)
      this.#pace.ended(startedAt, changes.length)
      this.#failures = 0
      this.#lastError = null
      deliver(batch, receipts)
    } catch (error) {
      await this.#recover(batch, error)
    }
    this.#inFlight--
    this.#entriesInFlight -= batch.length
    if (this.#queue.length > 0) this.#wake()
    else if (this.#inFlight === 0) this.#tellIdle()
  }

  #takeBatch(): Entry[] {
    const waiting = this.#queue.length
    // Shared by two commits, so that the engine works on the answers of one while the storage works on the other.
    // Not the first large one: after a single one, such as that of a fan-out, there is nothing to work on meanwhile.
    const isSplit =
      this.#inFlight === 0 && Math.min(waiting, this.#lastSize) >= MIN_SPLIT && !this.#pace.isSlow(waiting)
    const share = isSplit ? Math.ceil(waiting / 2) : waiting
    this.#lastSize = waiting
    let changes = 0
    let count = 0
    for (const entry of this.#queue) {
      changes += entry.changes.length
      if (count > 0 && (changes > MAX_CHANGES || count >= share)) break
      count++
    }
    return this.#queue.splice(0, count)
  }

  async #recover(batch: readonly Entry[], error: unknown): Promise<void> {
    this.#lastError = error
    if (PerfectError.is(error, 'STORAGE_UNAVAILABLE')) {
      // Of several commits that failed the older one comes first again.
      this.#queue = [...batch.filter((entry) => entry.isPatient), ...this.#queue].toSorted((a, b) => a.turn - b.turn)
      for (const entry of batch) if (!entry.isPatient) entry.reject(error)
      this.#retryLater()
    } else if (batch.length > 1) {
      // One bad change must not take the others with it.
      for (const entry of batch) await this.#commitAlone(entry)
    } else {
      batch[0]?.reject(error)
    }
  }

  async #commitAlone(entry: Entry): Promise<void> {
    try {
      deliver([entry], await this.#storage.commit(entry.changes))
    } catch (error) {
      if (entry.isPatient && PerfectError.is(error, 'STORAGE_UNAVAILABLE')) this.#queue.push(entry)
      else entry.reject(error)
    }
  }

  #retryLater(): void {
    // Several commits in flight fail together: one wait is enough.
    if (this.#isClosed || this.#queue.length === 0 || this.#stopRetry !== null) return
    this.#failedAt = this.#clock.monotonic()
    this.#retryIn(Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures++))
  }

  // Somebody waits for the answer: the storage is asked again soon, also when it has been away for long.
  #hurry(): void {
    if (this.#stopRetry === null) return
    this.#stopRetry()
    this.#retryIn(Math.max(0, this.#failedAt + FIRST_RETRY_MS - this.#clock.monotonic()))
  }

  #retryIn(delayMs: number): void {
    const stop = this.#clock.setTimer(delayMs, () => {
      this.#stopRetry = null
      this.#wake()
    })
    this.#stopRetry = () => {
      stop()
      this.#stopRetry = null
    }
  }

  #tellIdle(): void {
    for (const tell of this.#idle.splice(0)) tell()
  }
}

function deliver(batch: readonly Entry[], receipts: readonly Receipt[]): void {
  let start = 0
  for (const entry of batch) {
    entry.resolve(receipts.slice(start, start + entry.changes.length))
    start += entry.changes.length
  }
}

function stopped(): PerfectError {
  return new PerfectError('ENGINE_STOPPED', 'The engine is stopped and stores nothing any more. Start a new one.')
}
