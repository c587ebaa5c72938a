/* Saved views: read, made, replaced and forgotten. Who changes one names the revision that was looked at, so nothing is overwritten unseen. */
import type { ActionsView } from '../../errors/action-view.ts'
import { PerfectError } from '../../errors/perfect-error.ts'
import { tryAction } from '../../errors/try-action.ts'
import type { SavedViewRecord } from '../../storage/view-records.ts'
import type { ViewAction } from '../action-views.ts'
import type { EngineParts } from '../engine-parts.ts'
import { checkLimit, cursorInvalid } from '../page-query.ts'
import type { Page } from '../views.ts'
import { toViewFields } from './view-fields.ts'
import type { CheckView, SavedView, SavedViewOptions, SavedViewsQuery, ViewUser } from './view-types.ts'

type Parts = Pick<EngineParts, 'storage' | 'commit' | 'clock' | 'ids'>

/** What is to be changed, by whom. */
export interface ViewChange {
  readonly id: string
  readonly user: ViewUser
  readonly check: CheckView | undefined
}

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 200
const MAX_VIEWS = 100
// Those who change the same view at the same time meet here; each round, one gets through.
const MAX_ROUNDS = 20

/** @throws {PerfectError} CURSOR_INVALID, REQUEST_INVALID */
export async function listViews(
  { storage }: Parts,
  user: ViewUser,
  { cursor, limit = DEFAULT_LIMIT }: SavedViewsQuery,
): Promise<Page<SavedView>> {
  checkLimit(limit, MAX_LIMIT)
  if (cursor !== undefined && !/^view_\w+$/.test(cursor)) throw cursorInvalid(cursor)
  const after = cursor === undefined ? {} : { after: cursor }
  const records = await storage.views.list({ owner: ownerOf(user), ...after, limit: limit + 1 })
  const page = records.slice(0, limit)
  const last = records.length > limit ? page.at(-1) : undefined
  return { items: page.map(toSavedView), nextCursor: last?.id ?? null }
}

/** @throws {PerfectError} VIEW_NOT_FOUND */
export async function getView(parts: Parts, id: string, user: ViewUser): Promise<SavedView> {
  return toSavedView(await find(parts, id, user))
}

/** @throws {PerfectError} FILTER_INVALID, VIEW_INVALID, VIEW_LIMIT */
export async function createView(parts: Parts, options: SavedViewOptions, user: ViewUser): Promise<SavedView> {
  const { commit, clock, ids } = parts
  const at = clock.now()
  const fields = toViewFields(options, at)
  const stamp = { createdAt: at, updatedAt: at, revision: 1 }
  const view: SavedViewRecord = { id: ids.next('view'), owner: ownerOf(user), ...fields, ...stamp }
  const [receipt] = await commit.append(
    [{ type: 'view.put', view, expectedRevision: null, max: MAX_VIEWS }],
    'impatient',
  )
  if (receipt?.accepted) return toSavedView(view)
  throw new PerfectError(
    'VIEW_LIMIT',
    `The user has ${String(MAX_VIEWS)} saved views, and may not have more. Remove one that is not needed any more.`,
    { details: { max: MAX_VIEWS } },
  )
}

/** @throws {PerfectError} FILTER_INVALID, VIEW_INVALID, VIEW_NOT_FOUND, VIEW_NOT_OWNED */
export async function replaceView(
  parts: Parts,
  { options, ...change }: ViewChange & { readonly options: SavedViewOptions },
): Promise<SavedView> {
  const at = parts.clock.now()
  const fields = toViewFields(options, at)
  return retried(change.id, async () => {
    const current = await findToChange(parts, change)
    const { revision } = current
    const view = { ...current, ...fields, updatedAt: at, revision: revision + 1 }
    const [receipt] = await parts.commit.append(
      [{ type: 'view.put', view, expectedRevision: revision, max: MAX_VIEWS }],
      'impatient',
    )
    return receipt?.accepted ? toSavedView(view) : null
  })
}

/** @throws {PerfectError} VIEW_NOT_FOUND, VIEW_NOT_OWNED */
export async function removeView(parts: Parts, change: ViewChange): Promise<void> {
  await retried(change.id, async () => {
    const { id, revision } = await findToChange(parts, change)
    const [receipt] = await parts.commit.append(
      [{ type: 'view.remove', viewId: id, expectedRevision: revision }],
      'impatient',
    )
    return receipt?.accepted === true ? true : null
  })
}

/** What a user can do with a view now. Changes nothing. */
export async function viewActions(
  view: SavedView,
  user: ViewUser,
  check: CheckView | undefined,
): Promise<ActionsView<ViewAction>> {
  const change = await tryAction(() => {
    checkOwned(view, user)
    check?.(view)
  })
  return { replace: change, remove: change }
}

async function retried<T>(id: string, attempt: () => Promise<T | null>): Promise<T> {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const done = await attempt()
    if (done !== null) return done
  }
  throw new PerfectError('STORAGE_UNAVAILABLE', `Saved view "${id}" is changed by too many at once. Try again.`)
}

async function findToChange(parts: Parts, { id, user, check }: ViewChange): Promise<SavedViewRecord> {
  const record = await find(parts, id, user)
  const view = toSavedView(record)
  checkOwned(view, user)
  check?.(view)
  return record
}

function checkOwned({ id, owner }: SavedView, user: ViewUser): void {
  if (owner === user.name || user.isAdmin === true) return
  throw new PerfectError(
    'VIEW_NOT_OWNED',
    `Saved view ${JSON.stringify(id)} belongs to somebody else, who alone can change it, and so can administrators. Save one of your own.`,
    { details: { viewId: id } },
  )
}

async function find({ storage }: Parts, id: string, user: ViewUser): Promise<SavedViewRecord> {
  const record = await storage.views.get(id)
  const isShown = record && (record.isShared || record.owner === ownerOf(user) || user.isAdmin === true)
  if (isShown) return record
  // That there is one of somebody else's is not told.
  const shown = id.slice(0, 100)
  throw new PerfectError(
    'VIEW_NOT_FOUND',
    `Saved view ${JSON.stringify(shown)} does not exist, or is not for this user. Look for it in the list of saved views.`,
    { details: { viewId: shown } },
  )
}

function ownerOf({ name }: ViewUser): string {
  return name ?? ''
}

function toSavedView(record: SavedViewRecord): SavedView {
  const { id, owner, name, filter, display, isShared, createdAt, updatedAt, revision } = record
  return {
    id,
    name,
    filter,
    display: JSON.parse(display) as SavedView['display'],
    isShared,
    owner: owner === '' ? null : owner,
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
    revision,
  }
}
