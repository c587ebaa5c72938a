/* The saved views of an engine. What is done with them is loaded with the first call: see `questions.ts`. */
import type { ActionsView } from '../../errors/action-view.ts'
import type { ViewAction } from '../action-views.ts'
import type { EngineParts } from '../engine-parts.ts'
import { questions, type QuestionHost } from '../questions.ts'
import type { Page } from '../views.ts'
import type { CheckView, SavedView, SavedViewOptions, SavedViewsQuery, ViewUser } from './view-types.ts'

/**
 * Saved views: filters of runs that users have given a name, for themselves or for everybody. Who the user is, is the caller's to know.
 *
 * @example
 * ```ts
 * const ann = { name: 'ann' }
 * const view = await engine.views.create({ name: 'Broken tonight', filter: 'status:failed since:12h' }, ann)
 * const { items } = await engine.getRuns(parseRunFilter(view.filter))
 * ```
 */
export class EngineViews {
  readonly #host: QuestionHost

  constructor(host: QuestionHost) {
    this.#host = host
  }

  /** The views of a user and those that are shared, oldest first. @throws {PerfectError} CURSOR_INVALID, REQUEST_INVALID, STORAGE_UNAVAILABLE */
  async list(user: ViewUser, query: SavedViewsQuery = {}): Promise<Page<SavedView>> {
    const [parts, { listViews }] = await this.#ready()
    return listViews(parts, user, query)
  }

  /** @throws {PerfectError} VIEW_NOT_FOUND, also when it is not for this user, STORAGE_UNAVAILABLE */
  async get(id: string, user: ViewUser): Promise<SavedView> {
    const [parts, { getView }] = await this.#ready()
    return getView(parts, id, user)
  }

  /**
   * Stores a new view of a user.
   *
   * @throws {PerfectError} FILTER_INVALID, VIEW_INVALID, VIEW_LIMIT, STORAGE_UNAVAILABLE
   */
  async create(options: SavedViewOptions, user: ViewUser): Promise<SavedView> {
    const [parts, { createView }] = await this.#ready()
    return createView(parts, options, user)
  }

  /**
   * Replaces what a view says; it stays its owner's.
   *
   * @param check Sees the view as it is just before the change; throws to keep it so.
   * @throws {PerfectError} FILTER_INVALID, VIEW_INVALID, VIEW_NOT_FOUND, VIEW_NOT_OWNED, STORAGE_UNAVAILABLE
   */
  async replace(id: string, options: SavedViewOptions, user: ViewUser, check?: CheckView): Promise<SavedView> {
    const [parts, { replaceView }] = await this.#ready()
    return replaceView(parts, { id, options, user, check })
  }

  /**
   * Forgets a view.
   *
   * @param check Sees the view before it is forgotten; throws to keep it.
   * @throws {PerfectError} VIEW_NOT_FOUND, VIEW_NOT_OWNED, STORAGE_UNAVAILABLE
   */
  async remove(id: string, user: ViewUser, check?: CheckView): Promise<void> {
    const [parts, { removeView }] = await this.#ready()
    await removeView(parts, { id, user, check })
  }

  /**
   * What a user can do with a view now, by the rules that the actions themselves ask. Changes nothing.
   *
   * @param check As for the actions: throws what they would be refused with.
   */
  async actions(view: SavedView, user: ViewUser, check?: CheckView): Promise<ActionsView<ViewAction>> {
    return (await questions()).viewActions(view, user, check)
  }

  async #ready(): Promise<[EngineParts, Awaited<ReturnType<typeof questions>>]> {
    const { parts, start } = this.#host
    await start()
    return [parts, await questions()]
  }
}
