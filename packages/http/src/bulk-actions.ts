/*
 * Actions on many runs. Which runs is decided once, by a selection; what is done with them goes on in the background and can be looked at.
 * Both are kept in the memory of this process, bounded.
 */
import { PerfectError, type BulkResult, type RunSelection } from '@perfect/core'

import type { BulkView, SelectionView } from './schema/bulk-schemas.ts'

interface KeptSelection extends RunSelection {
  readonly owner: string | null
  readonly createdAt: number
}

interface KeptBulk {
  readonly owner: string | null
  readonly id: string
  readonly action: BulkView['action']
  readonly total: number
  readonly startedAt: number
  done: number
  readonly failed: BulkResult['failed'][number][]
  finishedAt: number | null
}

const SELECTION_MS = 3_600_000
const BULK_MS = 24 * SELECTION_MS
const MAX_SELECTIONS = 100
const MAX_BULKS = 1000
const MAX_FAILURES = 100
const MAX_SAMPLE = 20
// Runs of one step: few enough that the figures move.
const STEP = 50

/** The selections and bulk actions of a router. */
export class BulkActions {
  readonly #selections = new Map<string, KeptSelection>()
  readonly #bulks = new Map<string, KeptBulk>()

  /** Keeps a selection for its owner. */
  keep(selection: RunSelection, owner: string | null): SelectionView {
    const id = newId('sel')
    this.#selections.set(id, { ...selection, owner, createdAt: Date.now() })
    forgetOldest(this.#selections, MAX_SELECTIONS, (one) => one.createdAt + SELECTION_MS)
    return this.selection(id, owner)
  }

  /** @throws {PerfectError} SELECTION_NOT_FOUND */
  selection(id: string, owner: string | null): SelectionView {
    const { runIds, isPartial, createdAt } = this.#find(id, owner)
    return {
      id,
      count: runIds.length,
      isPartial,
      createdAt: toText(createdAt),
      expiresAt: toText(createdAt + SELECTION_MS),
      sample: runIds.slice(0, MAX_SAMPLE),
    }
  }

  /**
   * Does something with each run of a selection, in the background.
   *
   * @param act Does it for some of them.
   * @throws {PerfectError} SELECTION_NOT_FOUND
   */
  begin(
    { id, owner, action }: { readonly id: string; readonly owner: string | null; readonly action: BulkView['action'] },
    act: (selection: Pick<RunSelection, 'runIds'>) => Promise<BulkResult>,
  ): BulkView {
    const { runIds } = this.#find(id, owner)
    const bulk: KeptBulk = {
      owner,
      action,
      id: newId('bulk'),
      total: runIds.length,
      startedAt: Date.now(),
      done: 0,
      failed: [],
      finishedAt: null,
    }
    this.#bulks.set(bulk.id, bulk)
    forgetOldest(this.#bulks, MAX_BULKS, ({ finishedAt }) => (finishedAt ?? Date.now()) + BULK_MS)
    void work(bulk, runIds, act)
    return toView(bulk)
  }

  /** @throws {PerfectError} BULK_NOT_FOUND */
  bulk(id: string, owner: string | null): BulkView {
    const found = this.#bulks.get(id)
    if (found && found.owner === owner) return toView(found)
    throw new PerfectError(
      'BULK_NOT_FOUND',
      `There is no bulk action ${quoted(id)}. It is known for a day, in the process that ran it.`,
      {
        details: { field: 'bulkId', value: id.slice(0, 100) },
      },
    )
  }

  #find(id: string, owner: string | null): KeptSelection {
    const found = this.#selections.get(id)
    if (found && found.owner === owner && found.createdAt + SELECTION_MS > Date.now()) return found
    throw new PerfectError(
      'SELECTION_NOT_FOUND',
      `There is no selection ${quoted(id)}. It is kept for an hour: make a new one.`,
      {
        details: { field: 'selectionId', value: id.slice(0, 100) },
      },
    )
  }
}

async function work(
  bulk: KeptBulk,
  runIds: readonly string[],
  act: (selection: Pick<RunSelection, 'runIds'>) => Promise<BulkResult>,
): Promise<void> {
  for (let start = 0; start < runIds.length; start += STEP) {
    const { done, failed } = await act({ runIds: runIds.slice(start, start + STEP) })
    bulk.done += done.length
    bulk.failed.push(...failed)
  }
  bulk.finishedAt = Date.now()
}

function toView({ id, action, total, done, failed, startedAt, finishedAt }: KeptBulk): BulkView {
  return {
    id,
    action,
    status: finishedAt === null ? 'running' : 'done',
    total,
    done,
    failed: failed.length,
    failures: failed
      .slice(0, MAX_FAILURES)
      .map(({ runId, error }) => ({ runId, code: error.code, message: error.message })),
    startedAt: toText(startedAt),
    finishedAt: finishedAt === null ? null : toText(finishedAt),
  }
}

function forgetOldest<T>(kept: Map<string, T>, max: number, endOf: (one: T) => number): void {
  for (const [id, one] of kept) {
    if (kept.size <= max && endOf(one) > Date.now()) return
    kept.delete(id)
  }
}

function newId(prefix: string): string {
  return `${prefix}_${crypto.randomUUID().replaceAll('-', '')}`
}

function quoted(id: string): string {
  return JSON.stringify(id.slice(0, 100))
}

function toText(instant: number): string {
  return new Date(instant).toISOString()
}
