import type { FlowView, RunView } from '@perfect/core'
import { html, type CSSResultGroup, type PropertyDeclarations, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'

import { StoreElement } from '../../controllers/store-element.ts'
import { searchIcon } from '../../parts/icons.ts'
import { empty, failure, panelStateStyles, skeleton } from '../../parts/panel-states.ts'
import { segmentBarStyles } from '../../parts/segment-bar.ts'
import { statusStyles } from '../../parts/status.ts'
import type { DashboardState } from '../../state/dashboard-state.ts'
import { newestFirst } from '../../state/runs.ts'
import { workersFor } from '../../state/workers.ts'
import { base } from '../../styles/base.ts'
import { controls } from '../../styles/controls.ts'
import { fields } from '../../styles/fields.ts'
import { flowHealthStyles } from '../home-page/flow-health.ts'
import { welcome, welcomeStyles } from '../home-page/welcome.ts'
import { flowLibraryStyles } from './flow-library.styles.ts'
import { flowRow } from './flow-row.ts'

/** Every registered flow: what it does, when it starts, how it went, and the button to start it. */
export class FlowLibrary extends StoreElement {
  static override properties: PropertyDeclarations = { filter: { state: true } }
  static override styles: CSSResultGroup = [
    base,
    controls,
    fields,
    statusStyles,
    segmentBarStyles,
    panelStateStyles,
    flowHealthStyles,
    welcomeStyles,
    flowLibraryStyles,
  ]

  declare filter: string

  constructor() {
    super()
    this.filter = ''
  }

  /** Puts the cursor into the filter. */
  focusFilter(): void {
    this.renderRoot.querySelector('input')?.focus()
  }

  protected override selection({ flows, runs, workers, loaded, errors }: DashboardState): readonly unknown[] {
    return [flows, runs, workers, loaded, errors]
  }

  override render(): TemplateResult {
    const flows = [...this.state.flows.values()].toSorted((a, b) => a.name.localeCompare(b.name))
    if (this.state.loaded.has('flows') && flows.length === 0) return welcome()
    const shown = flows.filter((flow) => matches(flow, this.filter))
    return html`<section class="panel" aria-label="Flows">
      <div class="panel-head">
        <label class="search small">
          <span class="hidden-text">Filter flows</span>
          ${searchIcon}
          <input
            class="input"
            type="search"
            placeholder="Filter flows"
            .value=${this.filter}
            @input=${this.#onFilter}
          />
        </label>
        <span class="spacer"></span>
        <span class="count" role="status"
          >${this.filter === '' ? String(flows.length) : `${String(shown.length)} of ${String(flows.length)}`}</span
        >
      </div>
      ${this.#body(flows, shown)}
    </section>`
  }

  #body(flows: readonly FlowView[], shown: readonly FlowView[]): TemplateResult {
    const error = this.state.errors.get('flows')
    if (error !== undefined && flows.length === 0) return failure(error, 'Flows', () => void this.store.retry('flows'))
    if (!this.state.loaded.has('flows')) return skeleton(5)
    if (shown.length === 0) return this.#nothingFound()
    const runs = Map.groupBy([...this.state.runs.values()].toSorted(newestFirst), (run: RunView) => run.flowId)
    return html`<ul class="flows">
      ${repeat(
        shown,
        (flow) => flow.id,
        (flow) =>
          flowRow({
            flow,
            runs: runs.get(flow.id) ?? [],
            workers: workersFor(flow, this.state.workers.values()),
            now: this.store.now(),
          }),
      )}
    </ul>`
  }

  #nothingFound(): TemplateResult {
    const clear = html`<button class="button button-small" @click=${this.#clear}>Clear the filter</button>`
    return empty(
      'No flow matches',
      html`<p>Nothing has “${this.filter}” in its name, description or tags.</p>
        ${clear}`,
    )
  }

  readonly #onFilter = (event: Event): void => {
    this.filter = (event.target as HTMLInputElement).value
  }

  readonly #clear = (): void => {
    this.filter = ''
    this.focusFilter()
  }
}

function matches({ name, description, tags }: FlowView, filter: string): boolean {
  const text = [name, description ?? '', ...tags].join(' ').toLowerCase()
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}
