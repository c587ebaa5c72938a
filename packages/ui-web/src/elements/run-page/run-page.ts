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
import { StoreElement } from '../../controllers/store-element.ts'
import { empty, failure, panelStateStyles, skeleton } from '../../parts/panel-states.ts'
import { runCellStyles } from '../../parts/run-cells.ts'
import { segmentBarStyles } from '../../parts/segment-bar.ts'
import { glyph, statusStyles } from '../../parts/status.ts'
import { timeLeftStyles } from '../../parts/time-left.ts'
import type { DashboardState } from '../../state/dashboard-state.ts'
import { isFinal } from '../../state/runs.ts'
import { base } from '../../styles/base.ts'
import { controls } from '../../styles/controls.ts'
import { dialogStyles } from '../../styles/dialog.ts'
import { runLabel, shortId } from '../../text/strings.ts'
import type { RunLog } from '../run-log/run-log.ts'
import { jsonTextStyles } from './json-text.ts'
import { runDetails, runDetailsStyles } from './run-details.ts'
import { runHero, runHeroStyles } from './run-hero.ts'
import { runPageStyles } from './run-page.styles.ts'

const TABS = [
  ['timeline', 'Timeline'],
  ['logs', 'Logs'],
  ['details', 'Details'],
] as const

type Tab = (typeof TABS)[number][0]

/** One run: progress, timeline, log and details. On a phone the last three are tabs. */
export class RunPage extends StoreElement {
  static override properties: PropertyDeclarations = {
    runId: { attribute: false },
    tab: { state: true },
    task: { state: true },
    error: { state: true },
  }
  static override styles: CSSResultGroup = [
    base,
    controls,
    dialogStyles,
    statusStyles,
    segmentBarStyles,
    runCellStyles,
    timeLeftStyles,
    panelStateStyles,
    runHeroStyles,
    runDetailsStyles,
    jsonTextStyles,
    runPageStyles,
  ]

  declare runId: string
  declare tab: Tab
  /** Key of the task whose log lines are shown; null for all. */
  declare task: string | null
  /** Why the run could not be cancelled. */
  declare error: ApiError | null
  #unwatch: (() => void) | undefined

  constructor() {
    super()
    this.runId = ''
    this.tab = 'timeline'
    this.task = null
    this.error = null
  }

  /** Asks whether the run shall be cancelled. */
  askToCancel(): void {
    this.error = null
    this.renderRoot.querySelector('dialog')?.showModal()
  }

  /** Puts the cursor into the find field of the log. */
  async focusFilter(): Promise<void> {
    this.tab = 'logs'
    await this.updateComplete
    this.renderRoot.querySelector<RunLog>('perfect-run-log')?.focusFilter()
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#watch()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#unwatch?.()
    this.#unwatch = undefined
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has('runId') || changed.get('runId') === undefined) return
    this.task = null
    this.#unwatch?.()
    this.#watch()
  }

  protected override selection({ runs, details, flows, workers, errors }: DashboardState): readonly unknown[] {
    return [runs.get(this.runId), details.get(this.runId), flows, workers, errors.get(this.runId)]
  }

  protected override isTicking(): boolean {
    const run = this.state.runs.get(this.runId)
    return run !== undefined && !isFinal(run)
  }

  override render(): TemplateResult {
    const run = this.state.runs.get(this.runId)
    const detail = this.state.details.get(this.runId)
    const error = this.state.errors.get(this.runId)
    if (error !== undefined && detail === undefined) return this.#failed(error)
    if (run === undefined || detail === undefined) return html`<div class="panel">${skeleton(4)}</div>`
    const now = this.store.now()
    const shown = { run, detail, flow: this.state.flows.get(run.flowId), worker: this.#worker(run), now }
    return html`${runHero(shown)} ${this.#problem(run)} ${this.#tabs()}
      <div class="layout" data-tab=${this.tab}>
        <div class="main">
          <perfect-run-timeline
            id="panel-timeline"
            .run=${run}
            .tasks=${detail.tasks}
            .flow=${shown.flow}
            .now=${now}
            .selected=${this.task}
            @perfect-task=${this.#onTask}
          ></perfect-run-timeline>
          <perfect-run-log
            id="panel-logs"
            .store=${this.store}
            .runId=${this.runId}
            .task=${this.task}
            @perfect-task=${this.#onTask}
          ></perfect-run-log>
        </div>
        <div class="side" id="panel-details">${runDetails(shown)}</div>
      </div>
      ${this.#confirmation(run)}`
  }

  /** Name of the worker while it is known, otherwise the end of its identifier. */
  #worker({ workerId }: RunView): string | null {
    return workerId === null ? null : (this.state.workers.get(workerId)?.name ?? shortId(workerId))
  }

  #failed(error: ApiError): TemplateResult {
    if (error.status !== 404)
      return html`<div class="panel">${failure(error, 'The run', () => void this.store.loadDetail(this.runId))}</div>`
    const back = html`<p>It may have been removed, or the link belongs to another engine.</p>
      <a class="button" href="#/runs">Show all runs</a>`
    return html`<div class="panel missing">${empty('There is no such run', back)}</div>`
  }

  /** Why the run failed, or what it waits for. */
  #problem(run: RunView): TemplateResult | typeof nothing {
    if (run.error === null) return nothing
    const { message, code, name } = run.error
    return html`<section class="panel run-error" aria-label="Error">
      ${glyph(runLabel(run))}
      <div>
        <p>${message}</p>
        <p class="mono faint">${code ?? name}</p>
      </div>
    </section>`
  }

  #tabs(): TemplateResult {
    return html`<div class="tabs" role="tablist" aria-label="Parts of the run" @keydown=${this.#onTabKey}>
      ${TABS.map(
        ([tab, word]) =>
          html`<button
            role="tab"
            id="tab-${tab}"
            aria-selected=${String(tab === this.tab)}
            aria-controls="panel-${tab}"
            tabindex=${tab === this.tab ? '0' : '-1'}
            data-tab=${tab}
            @click=${this.#onTab}
          >
            ${word}
          </button>`,
      )}
    </div>`
  }

  #confirmation(run: RunView): TemplateResult {
    return html`<dialog closedby="any" aria-labelledby="cancel-title" @click=${this.#onBackdrop}>
      <form method="dialog" @submit=${this.#onCancel}>
        <div class="dialog-head">
          <div><h2 id="cancel-title">Cancel this run of ${run.flowName}?</h2></div>
        </div>
        <div class="dialog-body">
          <p>
            Running tasks are asked to stop, tasks that have not started never will. What is recorded so far stays
            visible. A cancelled run cannot go on.
          </p>
          ${
            this.error === null
              ? nothing
              : html`<div class="notice notice-bad" role="alert">
                  ${this.error.message}<code>${this.error.code}</code>
                </div>`
          }
        </div>
        <div class="dialog-foot">
          <span class="spacer"></span>
          <button class="button" type="button" @click=${this.#closeDialog}>Keep running</button>
          <button class="button button-danger">Cancel run</button>
        </div>
      </form>
    </dialog>`
  }

  #watch(): void {
    this.#unwatch = this.store.watchRun(this.runId)
  }

  async #focusTab(): Promise<void> {
    await this.updateComplete
    this.renderRoot.querySelector<HTMLElement>('[role="tab"][aria-selected="true"]')?.focus()
  }

  readonly #onTask = (event: CustomEvent<{ key: string | null }>): void => {
    event.stopPropagation()
    this.task = event.detail.key
    if (this.task !== null) this.tab = 'logs'
  }

  readonly #onTab = (event: Event): void => {
    const { tab } = (event.currentTarget as HTMLElement).dataset
    this.tab = TABS.find(([name]) => name === tab)?.[0] ?? 'timeline'
  }

  readonly #onTabKey = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (step === 0) return
    const index = TABS.findIndex(([name]) => name === this.tab)
    this.tab = TABS[(index + step + TABS.length) % TABS.length]?.[0] ?? 'timeline'
    void this.#focusTab()
  }

  readonly #onCancel = (event: Event): void => {
    event.preventDefault()
    void this.store
      .commandRun(async (client) => client.cancelRun(this.runId))
      .then(this.#closeDialog)
      .catch((error: unknown) => {
        this.error = toApiError(error)
      })
  }

  readonly #closeDialog = (): void => {
    this.renderRoot.querySelector('dialog')?.close()
  }

  /** For browsers that do not know `closedby`. */
  readonly #onBackdrop = (event: Event): void => {
    if (event.target instanceof HTMLDialogElement) this.#closeDialog()
  }
}
