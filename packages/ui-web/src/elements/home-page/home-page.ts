import type { RunView } from '@perfect/core'
import { html, nothing, type CSSResultGroup, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'

import { HoldController } from '../../controllers/hold-controller.ts'
import { StoreElement } from '../../controllers/store-element.ts'
import { empty, failure, panelStateStyles, skeleton } from '../../parts/panel-states.ts'
import { runCellStyles } from '../../parts/run-cells.ts'
import { runTableStyles } from '../../parts/run-table.styles.ts'
import { runTable } from '../../parts/run-table.ts'
import { segmentBarStyles } from '../../parts/segment-bar.ts'
import { statusStyles } from '../../parts/status.ts'
import { timeLeftStyles } from '../../parts/time-left.ts'
import type { DashboardState } from '../../state/dashboard-state.ts'
import { flowHealth, isFinal, lastFinishedFirst, newestFirst, typicalDurations } from '../../state/runs.ts'
import { verdictOf } from '../../state/verdict.ts'
import { base } from '../../styles/base.ts'
import { controls } from '../../styles/controls.ts'
import { formatAgo, instant } from '../../text/time.ts'
import { flowHealthRow, flowHealthStyles } from './flow-health.ts'
import { homePageStyles } from './home-page.styles.ts'
import { idle, idleStyles } from './idle.ts'
import { processSummary, processSummaryStyles } from './process-summary.ts'
import { runCard, runCardStyles } from './run-card.ts'
import { welcome, welcomeStyles } from './welcome.ts'

/** Cards shown at most; the rest is one click away. Every card moves, and more than a screenful is not read. */
const CARDS = 12
/** Rows of the table of recent runs. */
const RECENT = 12
/** Bars of a flow's recent runs. */
const STRIP = 24

/** The overview: is it fine, what goes on, what failed. */
export class HomePage extends StoreElement {
  static override styles: CSSResultGroup = [
    base,
    controls,
    statusStyles,
    segmentBarStyles,
    runCellStyles,
    timeLeftStyles,
    runTableStyles,
    panelStateStyles,
    runCardStyles,
    flowHealthStyles,
    processSummaryStyles,
    idleStyles,
    welcomeStyles,
    homePageStyles,
  ]

  readonly #cards = new HoldController(this, '.cards')
  readonly #recent = new HoldController(this, '.recent')

  protected override selection({ runs, flows, clients, workers, loaded, errors }: DashboardState): readonly unknown[] {
    return [runs, flows, clients, workers, loaded, errors]
  }

  override render(): TemplateResult {
    const runs = [...this.state.runs.values()]
    if (this.state.loaded.has('flows') && this.state.flows.size === 0 && runs.length === 0) return welcome()
    return html`${this.#verdict(runs)} ${this.#live(runs)}
      <div class="columns">
        ${this.#recentRuns(runs)}
        <div class="stack">${this.#health(runs)} ${processSummary(this.state, this.store.now(), this.#retry)}</div>
      </div>`
  }

  #verdict(runs: readonly RunView[]): TemplateResult {
    if (!this.state.loaded.has('runs')) return html`<div class="verdict"></div>`
    const { headline, record, lastFailure } = verdictOf(runs)
    return html`<p class="verdict">
      <b>${headline}</b>
      ${record === null ? nothing : html`<span>${record}</span>`}
      ${lastFailure === null ? nothing : this.#lastFailure(lastFailure)}
    </p>`
  }

  #lastFailure(run: RunView): TemplateResult {
    const ago = formatAgo(this.store.now() - (instant(run.finishedAt) ?? instant(run.createdAt)))
    return html`<span>Last: <a href="#/runs/${run.id}">${run.flowName}</a>, ${ago}.</span>`
  }

  #live(runs: readonly RunView[]): TemplateResult {
    const byId = new Map(runs.map((run) => [run.id, run]))
    const active = runs.filter((run) => !isFinal(run)).toSorted((a, b) => newestFirst(b, a))
    // Oldest first: a new run is added after the others instead of pushing them around.
    const { ids } = this.#cards.arrange(active.map(({ id }) => id))
    const shown = ids.flatMap((id) => byId.get(id) ?? []).slice(0, this.#room())
    return html`<section aria-labelledby="live">
      <div class="section-head">
        <h2 id="live">Running now</h2>
        <span class="count">${String(active.length)}</span>
        <span class="spacer"></span>
        ${active.length > shown.length ? html`<a href="#/runs?status=active">All ${String(active.length)}</a>` : nothing}
      </div>
      ${
        shown.length === 0
          ? idle(this.state, this.store.now())
          : html`<ul class="cards">
              ${repeat(
                shown,
                (run) => run.id,
                (run) => runCard(run, this.state.flows.get(run.flowId), this.store.now()),
              )}
            </ul>`
      }
    </section>`
  }

  /** Cards that can be shown: while the pointer is over the table below, no row of cards may be added above it. */
  #room(): number {
    const cards = this.renderRoot.querySelector('.cards')
    if (!this.#recent.isHeld()) return CARDS
    if (cards === null) return 1
    const columns = getComputedStyle(cards).gridTemplateColumns.split(' ').length
    return Math.min(CARDS, Math.ceil(cards.childElementCount / columns) * columns)
  }

  #recentRuns(runs: readonly RunView[]): TemplateResult {
    const byId = new Map(runs.map((run) => [run.id, run]))
    const wanted = runs.filter(isFinal).toSorted(lastFinishedFirst).slice(0, RECENT)
    const { ids, waiting } = this.#recent.arrange(wanted.map(({ id }) => id))
    const shown = ids.flatMap((id) => byId.get(id) ?? [])
    return html`<section class="panel recent" aria-labelledby="recent">
      <div class="panel-head">
        <h2 id="recent">Recent runs</h2>
        <span class="spacer"></span>
        ${
          waiting === 0
            ? nothing
            : html`<button class="button button-small" @click=${this.#showWaiting}>${String(waiting)} new</button>`
        }
        <a class="more" href="#/runs">All runs</a>
      </div>
      ${this.#recentBody(shown, runs)}
    </section>`
  }

  #recentBody(shown: readonly RunView[], runs: readonly RunView[]): TemplateResult {
    const error = this.state.errors.get('runs')
    if (error !== undefined && shown.length === 0) return failure(error, 'Runs', () => void this.store.retry('runs'))
    if (!this.state.loaded.has('runs')) return skeleton(6)
    if (shown.length === 0) return empty('No run has finished yet', 'Runs appear here as soon as they end.')
    const typical = typicalDurations(runs)
    return runTable(shown, { label: 'Recent runs', now: this.store.now(), flows: this.state.flows, typical })
  }

  #health(runs: readonly RunView[]): TemplateResult {
    const health = flowHealth(runs, STRIP).slice(0, 8)
    if (health.length === 0) return html``
    return html`<section class="panel" aria-labelledby="health">
      <div class="panel-head">
        <h2 id="health">Flow health</h2>
        <span class="spacer"></span>
        <span class="faint note">last ${String(STRIP)} runs</span>
      </div>
      <ul>
        ${health.map((flow) => flowHealthRow(flow, this.store.now()))}
      </ul>
    </section>`
  }

  readonly #showWaiting = (): void => {
    this.#recent.release()
  }

  readonly #retry = (): void => {
    void this.store.retry('clients')
  }
}
