import {
  css,
  html,
  LitElement,
  type CSSResultGroup,
  type PropertyDeclarations,
  type PropertyValues,
  type TemplateResult,
} from 'lit'

import type { DashboardClient } from '../../api/dashboard-client.ts'
import type { LiveStore } from '../../controllers/live-store.ts'
import { sharedStore, type GetToken } from '../../controllers/shared-stores.ts'
import { everySecond } from '../../controllers/ticker.ts'
import { percentText, runCellStyles } from '../../parts/run-cells.ts'
import { segmentBar, segmentBarStyles } from '../../parts/segment-bar.ts'
import { status, statusStyles } from '../../parts/status.ts'
import { timeLeftLine, timeLeftStyles } from '../../parts/time-left.ts'
import { isFinal } from '../../state/runs.ts'
import { segmentsOf } from '../../state/segments.ts'
import { base } from '../../styles/base.ts'
import { theme, tokens } from '../../styles/tokens.ts'
import { runLabel } from '../../text/strings.ts'

/**
 * Live progress of one run, for any page of the host: bar, percentage, status and time left.
 *
 * @fires perfect-finish once, when the run has ended while it was shown; `detail.run`.
 */
export class PerfectProgress extends LitElement {
  static override properties: PropertyDeclarations = {
    src: { type: String },
    run: { type: String },
    theme: { type: String, reflect: true },
    client: { attribute: false },
    getToken: { attribute: false },
  }
  /** Style sheets of the shadow root. */
  static override styles: CSSResultGroup = [
    tokens,
    theme,
    base,
    statusStyles,
    runCellStyles,
    segmentBarStyles,
    timeLeftStyles,
    css`
      :host {
        display: block;
      }
      .line {
        display: flex;
        align-items: baseline;
        gap: 8px;
        margin-bottom: 6px;
      }
      .name {
        font-weight: 500;
      }
      .percent {
        font-size: 15px;
      }
      .left-line {
        margin-top: 5px;
      }
    `,
  ]

  /** Where the API is mounted. Default: `/api`. */
  declare src: string
  /** Id of the run. */
  declare run: string
  /** `auto` follows the system. Default: `auto`. */
  declare theme: 'auto' | 'light' | 'dark'
  /** A transport of the host's own instead of HTTP. */
  declare client: DashboardClient | null
  /** Gives the bearer token of each request. */
  declare getToken: GetToken | null
  #store: LiveStore | null = null
  #release: (() => void) | undefined
  #wasActive = false

  constructor() {
    super()
    this.src = '/api'
    this.run = ''
    this.theme = 'auto'
    this.client = null
    this.getToken = null
  }

  override connectedCallback(): void {
    super.connectedCallback()
    if (this.hasUpdated) this.#connect()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#release?.()
    this.#store = null
  }

  protected override willUpdate(changed: PropertyValues): void {
    const isOther = ['src', 'run', 'client', 'getToken'].some((name) => changed.has(name))
    if (isOther || this.#store === null) this.#connect()
  }

  override render(): TemplateResult {
    const state = this.#store?.state
    const view = state?.runs.get(this.run)
    const error = state?.errors.get(this.run)
    if (view === undefined) return html`<slot>${error === undefined ? '' : `${error.message} (${error.code})`}</slot>`
    const bar = segmentBar({
      segments: segmentsOf(view, state?.flows.get(view.flowId)),
      percent: view.progress.percent,
      label: `${view.flowName} progress`,
      state: isFinal(view) ? 'ended' : 'live',
    })
    return html`<div class="line">
        <span class="name truncate">${view.flowName}</span>
        ${status(runLabel(view), view.progress.percent / 100)}
        <span class="spacer"></span>
        ${percentText(view.progress.percent)}
      </div>
      ${bar} ${timeLeftLine(view, this.#store?.now() ?? Date.now())}`
  }

  #connect(): void {
    this.#release?.()
    this.#wasActive = false
    const store = sharedStore({ src: this.src, client: this.client, getToken: this.getToken })
    const letGo = store.acquire()
    const unwatch = store.watchRun(this.run)
    store.addEventListener('change', this.#onChange)
    const stopTicking = everySecond(() => this.requestUpdate())
    this.#store = store
    this.#release = () => {
      stopTicking()
      store.removeEventListener('change', this.#onChange)
      unwatch()
      letGo()
    }
  }

  readonly #onChange = (): void => {
    const run = this.#store?.state.runs.get(this.run)
    if (run !== undefined && isFinal(run) && this.#wasActive) {
      this.#wasActive = false
      this.dispatchEvent(new CustomEvent('perfect-finish', { detail: { run }, bubbles: true, composed: true }))
    } else if (run !== undefined && !isFinal(run)) this.#wasActive = true
    this.requestUpdate()
  }
}
