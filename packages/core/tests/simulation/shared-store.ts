/* The one storage that all engines of a simulation share. Each call happens at an instant, whole; the audit sees every write. */
import { memoryStorage, type Storage } from '@perfect/core'

import type { Change, Receipt } from '../../src/storage/changes.ts'
import type { RunRecord } from '../../src/storage/records.ts'
import type { StorageCall } from '../../src/testing/intercept-storage.ts'
import type { Audit } from './audit.ts'
import type { Mutant } from './mutants.ts'
import type { Timeline } from './timeline.ts'

/** A storage that is watched. */
export class SharedStore {
  readonly storage: Storage
  isDown = false
  readonly #audit: Audit
  readonly #timeline: Timeline
  readonly #mutant: Mutant

  constructor(timeline: Timeline, audit: Audit, mutant: Mutant) {
    this.#timeline = timeline
    this.#audit = audit
    this.#mutant = mutant
    // Durations do not matter to it, and it sets no timers: only its time does.
    const clock = { now: () => timeline.now, monotonic: () => timeline.elapsed, setTimer: () => () => undefined }
    this.storage = memoryStorage({ clock })
  }

  /** Makes a call. Nothing else happens between its parts: they end before the next event. */
  async make<T>(call: StorageCall, proceed: () => Promise<T>): Promise<T> {
    if (call.changes === null) {
      const answer = await proceed()
      return this.#mutant.answer?.(call.name, answer, this.#timeline) ?? answer
    }
    const receipts: Receipt[] = []
    for (const change of call.changes) receipts.push(await this.#apply(change))
    return receipts as T
  }

  async #apply(change: Change): Promise<Receipt> {
    const runId = runOf(change)
    const before = runId === null ? undefined : await this.storage.runs.get(runId)
    const actual = this.#mutant.change ? this.#mutant.change(change, before, this.#timeline) : change
    const [receipt = LOST] = actual === null ? [accepted(before)] : await this.storage.commit([actual])
    const after = runId === null ? undefined : await this.storage.runs.get(runId)
    const outcome = receipt.accepted ? 'stored' : receipt.refusal
    const task = change.type === 'task.put' ? `${change.task.key} ${change.task.status} ` : ''
    const epoch = 'epoch' in change ? String(change.epoch) : ''
    this.#timeline.trace(`  ${change.type} ${runId ?? ''} ${epoch} ${task}${outcome}`)
    if (after) this.#audit.stored(after)
    for (const id of this.#alsoStored(change)) {
      const other = await this.storage.runs.get(id)
      if (other) this.#audit.stored(other)
    }
    this.#audit.applied({ change, receipt, before, after })
    return receipt
  }

  /** Runs that are made or changed by a change about something else. */
  #alsoStored(change: Change): readonly string[] {
    if (change.type === 'run.finish') return change.next ? [change.next.id] : []
    // Those that nobody alive holds may lose their slots.
    if (change.type === 'slots.take')
      return this.#audit.runs.flatMap(({ id, engineId }) => (engineId === null ? [] : id))
    if (change.type !== 'schedule.put') return []
    return (change.changes ?? []).flatMap((part) => runOf(part) ?? [])
  }
}

const LOST: Receipt = { accepted: false, refusal: 'missing' }

// What a storage says that has only said it.
function accepted(run: RunRecord | undefined): Receipt {
  return run === undefined ? { accepted: true } : { accepted: true, run }
}

function runOf(change: Change): string | null {
  if (change.type === 'run.create') return change.run.id
  return 'runId' in change ? change.runId : null
}
