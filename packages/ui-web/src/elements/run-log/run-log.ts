import type { RunView } from '@perfect/core'
import {
  html,
  nothing,
  type CSSResultGroup,
  type PropertyDeclarations,
  type PropertyValues,
  type TemplateResult,
} from 'lit'

import { StoreElement } from '../../controllers/store-element.ts'
import { cssProperties } from '../../parts/css-properties.ts'
import { closeIcon, copyIcon, downloadIcon, followIcon } from '../../parts/icons.ts'
import { failure, panelStateStyles } from '../../parts/panel-states.ts'
import type { DashboardState } from '../../state/dashboard-state.ts'
import { isFinal } from '../../state/runs.ts'
import { base } from '../../styles/base.ts'
import { controls } from '../../styles/controls.ts'
import { fields } from '../../styles/fields.ts'
import { formatInteger, plural } from '../../text/strings.ts'
import type { LogView } from '../log-view/log-view.ts'
import { downloadText, logAsText } from './log-file.ts'
import { LogFind } from './log-find.ts'
import { LogLoader } from './log-loader.ts'
import { runLogStyles } from './run-log.styles.ts'

const LEVELS = [
  ['debug', 'All'],
  ['info', 'Info'],
  ['warn', 'Warn'],
  ['error', 'Error'],
] as const

type Level = (typeof LEVELS)[number][0]

/** The log of a run with its tools: level, task, find, follow, copy, download. */
export class RunLog extends StoreElement {
  static override properties: PropertyDeclarations = {
    runId: { attribute: false },
    task: { attribute: false },
    level: { state: true },
    follow: { state: true },
  }
  static override styles: CSSResultGroup = [base, controls, fields, panelStateStyles, runLogStyles]

  declare runId: string
  /** Key of the task whose lines are shown; null for all. */
  declare task: string | null
  declare level: Level
  declare follow: boolean
  #loader: LogLoader | null = null
  #isStarted = false
  readonly #find = new LogFind(this, { view: () => this.#view(), loadAll: () => this.#loadAllEarlier() })

  constructor() {
    super()
    this.runId = ''
    this.task = null
    this.level = 'debug'
    this.follow = true
  }

  /** Puts the cursor into the find field. */
  focusFilter(): void {
    this.renderRoot.querySelector('input')?.focus()
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.store.addEventListener('reset', this.#onReset)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.store.removeEventListener('reset', this.#onReset)
    this.#loader?.stop()
    this.#loader = null
  }

  protected override selection({ runs, details }: DashboardState): readonly unknown[] {
    return [runs.get(this.runId)?.status, details.get(this.runId)?.logLines]
  }

  protected override isTicking(): boolean {
    return false
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('runId') || this.#loader === null) this.#open()
    const detail = this.state.details.get(this.runId)
    if (detail !== undefined && !this.#isStarted) {
      this.#isStarted = true
      void this.#loader?.load(detail.logLines)
    }
    if (changed.has('level') || changed.has('task')) this.#narrow()
  }

  override render(): TemplateResult {
    return html`<section class="panel" aria-labelledby="logs">
      <div class="panel-head">
        <h2 id="logs">Logs</h2>
        <span class="count">${this.#count()}</span>
        ${this.task === null ? nothing : this.#taskChip(this.task)}
        <span class="spacer"></span>
        ${this.#find.render()} ${this.#levels()} ${this.#tools()}
      </div>
      <div class="log" ${cssProperties({ '--rows': String(this.#loader?.buffer.size ?? 0) })}>${this.#body()}</div>
    </section>`
  }

  #body(): TemplateResult {
    const error = this.#loader?.error ?? null
    const buffer = this.#loader?.buffer
    const isEmpty = buffer === undefined || buffer.rows.length === 0
    if (error !== null && isEmpty) return failure(error, 'The log', this.#retry)
    return html`<perfect-log-view
        label="Log of the run"
        .buffer=${buffer}
        .follow=${this.follow}
        @perfect-follow=${this.#onFollow}
        @perfect-log-start=${this.#loadEarlier}
      ></perfect-log-view>
      ${isEmpty && this.#loader?.isLoaded === true ? html`<p class="log-empty">${this.#emptyText()}</p>` : nothing}`
  }

  #count(): string {
    const buffer = this.#loader?.buffer
    if (buffer === undefined || buffer.size === 0) return ''
    return buffer.rows.length === buffer.size
      ? plural(buffer.lastSeq, 'line')
      : `${formatInteger(buffer.rows.length)} of ${formatInteger(buffer.lastSeq)}`
  }

  /** Why there is nothing to read. */
  #emptyText(): string {
    if ((this.#loader?.buffer.size ?? 0) > 0)
      return this.task === null
        ? 'No line of this level. Choose a lower one to see more.'
        : 'This task has written nothing that passes the filter.'
    const run = this.#run()
    if (run?.startedAt === null) return 'The run has not started yet. Its lines appear here as they are written.'
    return run !== undefined && isFinal(run)
      ? 'The run wrote no lines.'
      : 'No line yet. Lines appear here as they are written.'
  }

  #taskChip(task: string): TemplateResult {
    return html`<span class="tag">
      <span class="truncate">${task}</span>
      <button class="chip-close" aria-label="Show the lines of all tasks" @click=${this.#clearTask}>
        ${closeIcon}
      </button>
    </span>`
  }

  #levels(): TemplateResult {
    return html`<div class="segmented" role="group" aria-label="Level">
      ${LEVELS.map(
        ([level, word]) =>
          html`<button aria-pressed=${String(level === this.level)} data-level=${level} @click=${this.#onLevel}>
            ${word}
          </button>`,
      )}
    </div>`
  }

  #tools(): TemplateResult {
    const tool = (title: string, label: string, icon: TemplateResult, action: () => void): TemplateResult =>
      html`<button class="icon-button" title=${title} aria-label=${label} @click=${action}>${icon}</button>`
    return html`<div class="tools">
      <button
        class="icon-button"
        title="Follow"
        aria-label="Follow the end"
        aria-pressed=${String(this.follow)}
        @click=${this.#toggleFollow}
      >
        ${followIcon}
      </button>
      ${tool('Copy', 'Copy the shown lines', copyIcon, this.#copy)}
      ${tool('Download', 'Download the whole log', downloadIcon, () => void this.#download())}
    </div>`
  }

  #run(): RunView | undefined {
    return this.state.runs.get(this.runId)
  }

  #view(): LogView | null {
    return this.renderRoot.querySelector<LogView>('perfect-log-view')
  }

  #open(): void {
    this.#loader?.stop()
    this.#isStarted = false
    this.#loader = new LogLoader(this.store, this.runId, () => {
      this.requestUpdate()
      this.#view()?.refresh()
    })
    this.#narrow()
  }

  #narrow(): void {
    this.#loader?.buffer.filter({ minLevel: this.level, task: this.task })
    this.#find.search()
    // What is looked for may lie further up.
    if (this.level !== 'debug' || this.task !== null) void this.#loadAllEarlier()
  }

  async #download(): Promise<void> {
    const lines = await this.#loader?.readAll()
    downloadText(`${this.runId}.log`, (lines ?? []).map(logAsText).join('\n'))
  }

  async #loadAllEarlier(): Promise<void> {
    await this.#loader?.loadAllEarlier((count) => this.#view()?.shift(count))
  }

  readonly #loadEarlier = (): void => {
    void this.#loader?.loadEarlier((count) => this.#view()?.shift(count))
  }

  readonly #onReset = (): void => {
    void this.#loader?.load(0)
  }

  readonly #retry = (): void => {
    void this.#loader?.load(this.state.details.get(this.runId)?.logLines ?? 0)
  }

  readonly #onFollow = (event: CustomEvent<{ follow: boolean }>): void => {
    this.follow = event.detail.follow
  }

  readonly #toggleFollow = (): void => {
    this.follow = !this.follow
  }

  readonly #clearTask = (): void => {
    this.dispatchEvent(new CustomEvent('perfect-task', { detail: { key: null }, bubbles: true, composed: true }))
  }

  readonly #onLevel = (event: Event): void => {
    const { level } = (event.currentTarget as HTMLElement).dataset
    this.level = LEVELS.find(([name]) => name === level)?.[0] ?? 'debug'
  }

  readonly #copy = (): void => {
    void navigator.clipboard.writeText(this.#view()?.text() ?? '')
  }
}
