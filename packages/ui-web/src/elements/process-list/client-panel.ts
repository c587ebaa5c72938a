import type { ClientView } from '@perfect/core'
import {
  html,
  nothing,
  type CSSResultGroup,
  type PropertyDeclarations,
  type PropertyValues,
  type TemplateResult,
} from 'lit'

import { toApiError, type ApiError } from '../../api/api-error.ts'
import type { ClientAction } from '../../api/dashboard-client.ts'
import { StoreElement } from '../../controllers/store-element.ts'
import { cssProperties } from '../../parts/css-properties.ts'
import { copyIcon, followIcon, playIcon, refreshIcon, stopIcon } from '../../parts/icons.ts'
import { sparklineStyles } from '../../parts/sparkline.ts'
import { statusPill, statusStyles } from '../../parts/status.ts'
import type { DashboardState } from '../../state/dashboard-state.ts'
import { LogBuffer } from '../../state/log-buffer.ts'
import { base } from '../../styles/base.ts'
import { controls } from '../../styles/controls.ts'
import { clientLabel } from '../../text/strings.ts'
import type { LogView } from '../log-view/log-view.ts'
import { clientFacts } from './client-facts.ts'
import { clientPanelStyles } from './client-panel.styles.ts'

/** A client process: its state, the button to start or stop it, and what it writes. */
export class ClientPanel extends StoreElement {
  static override properties: PropertyDeclarations = {
    clientId: { attribute: false },
    follow: { state: true },
    isBusy: { state: true },
    error: { state: true },
  }
  static override styles: CSSResultGroup = [base, controls, statusStyles, sparklineStyles, clientPanelStyles]

  declare clientId: string
  declare follow: boolean
  declare isBusy: boolean
  declare error: ApiError | null
  #buffer = new LogBuffer()

  constructor() {
    super()
    this.clientId = ''
    this.follow = true
    this.isBusy = false
    this.error = null
  }

  protected override selection({ clients }: DashboardState): readonly unknown[] {
    return [clients.get(this.clientId)]
  }

  protected override willUpdate(_changed: PropertyValues): void {
    const lines = this.#client()?.logs ?? []
    // Numbers start again when the engine does: then this is another log.
    if ((lines.at(-1)?.seq ?? 0) < this.#buffer.lastSeq) this.#buffer = new LogBuffer()
    const before = this.#buffer.lastSeq
    this.#buffer.append(lines)
    if (this.#buffer.lastSeq !== before) this.renderRoot.querySelector<LogView>('perfect-log-view')?.refresh()
  }

  override render(): TemplateResult {
    const client = this.#client()
    if (client === undefined) return html``
    const label = clientLabel(client.status)
    return html`<section class="panel" aria-label=${client.name}>
      <div class="panel-head">
        <h2>${client.name}</h2>
        <span class="mono faint">${client.id}</span>
        ${statusPill(label)}
        <span class="spacer"></span>
        ${this.#tools()} ${this.#commands(client)}
      </div>
      <dl class="facts">${clientFacts(client, this.store.now())}</dl>
      ${this.error === null ? nothing : html`<p class="refusal" role="alert">${this.error.message} <code class="mono">${this.error.code}</code></p>`}
      <div class="log" ${cssProperties({ height: `${String(this.#logHeight())}px` })}>
        <perfect-log-view
          class="compact"
          label="Output of ${client.name}"
          .buffer=${this.#buffer}
          .follow=${this.follow}
          @perfect-follow=${this.#onFollow}
        ></perfect-log-view>
        ${this.#buffer.size === 0 ? html`<p class="log-empty">${emptyText(client)}</p>` : nothing}
      </div>
    </section>`
  }

  #tools(): TemplateResult {
    return html`<button
        class="icon-button"
        title="Follow"
        aria-label="Follow the end"
        aria-pressed=${String(this.follow)}
        @click=${this.#toggleFollow}
      >
        ${followIcon}
      </button>
      <button class="icon-button" title="Copy" aria-label="Copy the output" @click=${this.#copy}>${copyIcon}</button>`
  }

  #commands({ status, name }: ClientView): TemplateResult {
    const mayStart = status === 'stopped' || status === 'failed' || status === 'restarting'
    const button = (action: ClientAction, label: string, icon: TemplateResult): TemplateResult =>
      html`<button
        class="button button-small"
        aria-label="${label} ${name}"
        ?disabled=${this.isBusy || status === 'stopping'}
        @click=${() => this.#ask(action)}
      >
        ${icon}${label}
      </button>`
    return html`<div class="commands">
      ${status === 'running' ? button('restart', 'Restart', refreshIcon) : nothing}
      ${mayStart ? button('start', 'Start', playIcon) : nothing}
      ${mayStart && status !== 'restarting' ? nothing : button('stop', 'Stop', stopIcon)}
    </div>`
  }

  /** As high as what was written, within limits: three lines need no empty screen below them. */
  #logHeight(): number {
    return Math.min(244, Math.max(76, this.#buffer.rows.length * 18 + 17))
  }

  #client(): ClientView | undefined {
    return this.state.clients.get(this.clientId)
  }

  #ask(action: ClientAction): void {
    this.isBusy = true
    this.error = null
    void this.store
      .commandClient(this.clientId, action)
      .catch((error: unknown) => {
        this.error = toApiError(error)
      })
      .finally(() => {
        this.isBusy = false
      })
  }

  readonly #onFollow = (event: CustomEvent<{ follow: boolean }>): void => {
    this.follow = event.detail.follow
  }

  readonly #toggleFollow = (): void => {
    this.follow = !this.follow
  }

  readonly #copy = (): void => {
    void navigator.clipboard.writeText(this.renderRoot.querySelector<LogView>('perfect-log-view')?.text() ?? '')
  }
}

function emptyText({ status }: ClientView): string {
  if (status === 'stopped') return 'Start the process to see its output here.'
  return status === 'failed' ? 'It ended without writing anything.' : 'It has written nothing yet.'
}
