import type { RunView } from '@perfect/core'
import {
  html,
  nothing,
  type CSSResultGroup,
  type PropertyDeclarations,
  type PropertyValues,
  type TemplateResult,
} from 'lit'

import { toApiError, type ApiError } from '../../api/api-error.ts'
import { HoldController } from '../../controllers/hold-controller.ts'
import { StoreElement } from '../../controllers/store-element.ts'
import { arrowUpIcon, chevronDownIcon } from '../../parts/icons.ts'
import { empty, failure, panelStateStyles, skeleton } from '../../parts/panel-states.ts'
import { runCellStyles } from '../../parts/run-cells.ts'
import { runTableStyles } from '../../parts/run-table.styles.ts'
import { runTable } from '../../parts/run-table.ts'
import { segmentBarStyles } from '../../parts/segment-bar.ts'
import { statusStyles } from '../../parts/status.ts'
import { timeLeftStyles } from '../../parts/time-left.ts'
import type { DashboardState } from '../../state/dashboard-state.ts'
import { matchesFilter, STATUS_FILTERS, statusesOf, type RunFilter, type StatusFilter } from '../../state/run-filter.ts'
import { newestFirst, typicalDurations } from '../../state/runs.ts'
import { base } from '../../styles/base.ts'
import { controls } from '../../styles/controls.ts'
import { fields } from '../../styles/fields.ts'
import { runHistoryStyles } from './run-history.styles.ts'

/** Runs of one page. */
const PAGE = 50

/** Every run, newest first, narrowed by status and flow. New runs never move the row under the pointer. */
export class RunHistory extends StoreElement {
  static override properties: PropertyDeclarations = {
    filter: { attribute: false },
    cursor: { state: true },
    isLoading: { state: true },
    error: { state: true },
  }
  static override styles: CSSResultGroup = [
    base,
    controls,
    fields,
    statusStyles,
    segmentBarStyles,
    runCellStyles,
    timeLeftStyles,
    runTableStyles,
    panelStateStyles,
    runHistoryStyles,
  ]

  declare filter: RunFilter
  /** Where the next page starts; null after the last, undefined before the first. */
  declare cursor: string | null | undefined
  declare isLoading: boolean
  declare error: ApiError | null
  readonly #hold = new HoldController(this, '.panel')
  /** Creation of the oldest run read so far: older ones in the store belong to pages that were not asked for. */
  #oldest: RunView | null = null
  #request = 0

  constructor() {
    super()
    this.filter = { status: 'all', flowId: null }
    this.cursor = undefined
    this.isLoading = false
    this.error = null
  }

  /** Moves focus to the filters. */
  focusFilter(): void {
    this.renderRoot.querySelector<HTMLElement>('select')?.focus()
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.store.addEventListener('reset', this.#reload)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.store.removeEventListener('reset', this.#reload)
  }

  protected override selection({ runs, flows }: DashboardState): readonly unknown[] {
    return [runs, flows]
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('filter')) this.#reload()
  }

  override render(): TemplateResult {
    return html`<section class="panel" aria-label="Runs">
      <div class="panel-head">
        ${this.#statusFilter()} ${this.#flowFilter()}
        <span class="spacer"></span>
      </div>
      ${this.#body()}
    </section>`
  }

  #statusFilter(): TemplateResult {
    const words: Record<StatusFilter, string> = {
      all: 'All',
      active: 'Active',
      succeeded: 'Succeeded',
      failed: 'Failed',
      cancelled: 'Cancelled',
    }
    return html`<div class="segmented" role="group" aria-label="Status">
      ${STATUS_FILTERS.map(
        (status) =>
          html`<button
            aria-pressed=${String(status === this.filter.status)}
            data-status=${status}
            @click=${this.#onStatus}
          >
            ${words[status]}
          </button>`,
      )}
    </div>`
  }

  #flowFilter(): TemplateResult {
    const flows = [...this.state.flows.values()].toSorted((a, b) => a.name.localeCompare(b.name))
    const { flowId } = this.filter
    const isUnknown = flowId !== null && !this.state.flows.has(flowId)
    return html`<label class="select small">
      <span class="hidden-text">Flow</span>
      <select @change=${this.#onFlow}>
        <option value="" ?selected=${flowId === null}>All flows</option>
        ${isUnknown ? html`<option value=${flowId} selected>${flowId}</option>` : nothing}
        ${flows.map(({ id, name }) => html`<option value=${id} ?selected=${id === flowId}>${name}</option>`)}
      </select>
      ${chevronDownIcon}
    </label>`
  }

  #body(): TemplateResult {
    const known = this.state.runs
    const { ids, waiting } = this.#hold.arrange(this.#wanted(), JSON.stringify(this.filter))
    const runs = ids.flatMap((id) => known.get(id) ?? [])
    if (this.error !== null && runs.length === 0) return failure(this.error, 'Runs', this.#reload)
    if (this.cursor === undefined && runs.length === 0) return skeleton(8)
    if (runs.length === 0) return this.#none()
    const typical = typicalDurations(known.values())
    return html`${
      waiting === 0
        ? nothing
        : html`<button class="button button-small waiting" @click=${this.#showWaiting}>
            ${arrowUpIcon}${String(waiting)} new
          </button>`
    }
    ${runTable(runs, { label: 'Runs', now: this.store.now(), flows: this.state.flows, typical })} ${this.#more()}`
  }

  #wanted(): readonly string[] {
    const oldest = this.#oldest
    const matching = [...this.state.runs.values()]
      .filter((run) => matchesFilter(run, this.filter))
      .toSorted(newestFirst)
    const read =
      oldest === null
        ? matching.slice(0, PAGE)
        : matching.filter((run) => this.cursor === null || newestFirst(run, oldest) <= 0)
    return read.map(({ id }) => id)
  }

  #more(): TemplateResult | typeof nothing {
    if (this.error !== null) return failure(this.error, 'More runs', this.#loadMore)
    if (this.cursor === null || this.cursor === undefined) return nothing
    return html`<div class="load-more">
      <button class="button" ?disabled=${this.isLoading} @click=${this.#loadMore}>
        ${this.isLoading ? 'Loading…' : 'Load more'}
      </button>
    </div>`
  }

  #none(): TemplateResult {
    if (this.filter.status === 'all' && this.filter.flowId === null)
      return empty(
        'No run yet',
        'Start a flow with “Run flow”, or wait for its schedule. Runs appear here while they go on.',
      )
    const all = html`<p>No run matches these filters.</p>
      <a class="button button-small" href="#/runs">Show all runs</a>`
    return empty('Nothing here', all)
  }

  /** The filter is part of the address, so that a list can be linked to; the dashboard gives it back as a property. */
  #go(filter: RunFilter): void {
    const detail = { route: { page: 'runs', filter } }
    this.dispatchEvent(new CustomEvent('perfect-route', { detail, bubbles: true, composed: true }))
  }

  async #load(cursor: string | undefined): Promise<void> {
    const request = ++this.#request
    this.isLoading = true
    this.error = null
    const { status, flowId } = this.filter
    const statuses = statusesOf(status)
    try {
      const page = await this.store.loadRuns({
        limit: PAGE,
        ...(cursor === undefined ? {} : { cursor }),
        ...(flowId === null ? {} : { flowId }),
        ...(statuses === undefined ? {} : { statuses }),
      })
      // An answer to a filter that has been changed since is only data for the store.
      if (request !== this.#request) return
      this.#oldest = page.items.at(-1) ?? this.#oldest
      this.cursor = page.nextCursor
    } catch (error) {
      if (request === this.#request) this.error = toApiError(error)
    } finally {
      if (request === this.#request) this.isLoading = false
    }
  }

  readonly #reload = (): void => {
    this.#oldest = null
    this.cursor = undefined
    void this.#load(undefined)
  }

  readonly #loadMore = (): void => {
    void this.#load(this.cursor ?? undefined)
  }

  readonly #showWaiting = (): void => {
    this.#hold.release()
  }

  readonly #onFlow = (event: Event): void => {
    const { value } = event.target as HTMLSelectElement
    this.#go({ ...this.filter, flowId: value === '' ? null : value })
  }

  readonly #onStatus = (event: Event): void => {
    const status = STATUS_FILTERS.find((name) => name === (event.currentTarget as HTMLElement).dataset['status'])
    if (status !== undefined) this.#go({ ...this.filter, status })
  }
}
