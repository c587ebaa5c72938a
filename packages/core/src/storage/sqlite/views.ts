/* Saved views. */
import type { PutView, RemoveView, SavedViewRecord, ViewQuery } from '../view-records.ts'
import type { Database, Row } from './database.ts'
import { refused, type ShortReceipt } from './fence.ts'

const COLUMNS = 'id, owner, name, filter, display, is_shared, created_at, updated_at, revision'
const PUT = `INSERT OR REPLACE INTO views (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`
const GET = `SELECT ${COLUMNS} FROM views WHERE id = ?`
const OWNED = 'SELECT count(*) AS owned FROM views WHERE owner = ?'
const LIST = `SELECT ${COLUMNS} FROM views WHERE (owner = ? OR is_shared = 1) AND id > ? ORDER BY id LIMIT ?`

/** Stores a view. */
export function putView(database: Database, { view, expectedRevision, max }: PutView): ShortReceipt {
  if ((getView(database, view.id)?.revision ?? null) !== expectedRevision) return refused('stale')
  const { id, owner, name, filter, display, isShared, createdAt, updatedAt, revision } = view
  if (expectedRevision === null && Number(database.first(OWNED, [owner])?.['owned']) >= max) return refused('limited')
  database.run(PUT, [id, owner, name, filter, display, Number(isShared), createdAt, updatedAt, revision])
  return 1
}

/** Forgets a view. */
export function removeView(database: Database, { viewId, expectedRevision }: RemoveView): ShortReceipt {
  const stored = getView(database, viewId)
  if (stored === null) return refused('missing')
  if (stored.revision !== expectedRevision) return refused('stale')
  database.run('DELETE FROM views WHERE id = ?', [viewId])
  return 1
}

/** One view. */
export function getView(database: Database, id: string): SavedViewRecord | null {
  const row = database.first(GET, [id])
  return row === undefined ? null : readView(row)
}

/** Views of a user, and those that are shared. */
export function listViews(database: Database, { owner, after = '', limit }: ViewQuery): readonly SavedViewRecord[] {
  return database.all(LIST, [owner, after, limit]).map(readView)
}

function readView(row: Row): SavedViewRecord {
  return {
    id: String(row['id']),
    owner: String(row['owner']),
    name: String(row['name']),
    filter: String(row['filter']),
    display: String(row['display']),
    isShared: row['is_shared'] === 1,
    createdAt: Number(row['created_at']),
    updatedAt: Number(row['updated_at']),
    revision: Number(row['revision']),
  }
}
