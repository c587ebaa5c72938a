import type { RunView } from '@perfect/core'
import {
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
import { runCellStyles } from '../../parts/run-cells.ts'
import { statusStyles } from '../../parts/status.ts'
import { base } from '../../styles/base.ts'
import { controls } from '../../styles/controls.ts'
import { theme, tokens } from '../../styles/tokens.ts'
import type { RunPage } from '../run-page/run-page.ts'
import type { TriggerDialog } from '../trigger-dialog/trigger-dialog.ts'
import { Announcer } from './announcer.ts'
import { connectionStatus, connectionStatusStyles, connectionWord } from './connection-status.ts'
import { dashboardStyles } from './dashboard.styles.ts'
import { navigation, navigationStyles } from './navigation.ts'
import { pageHeader, pageHeaderStyles } from './page-header.ts'
import { formatRoute, parseRoute, type Route } from './router.ts'
import { Shortcuts } from './shortcuts.ts'
import { isDark, rememberTheme, rememberedTheme, type Theme } from './theme.ts'

/**
 * The whole dashboard of an engine in one element.
 *
 * @fires perfect-navigate before another page is shown; `detail.path`. Cancelable: the host may show it itself.
 * @fires perfect-trigger after a run was started here; `detail.run`.
 * @fires perfect-auth-required when the API answers 401; the host signs the viewer in and sets `getToken` or reloads.
 */
export class PerfectDashboard extends LitElement {
  static override properties: PropertyDeclarations = {
    src: { type: String },
    theme: { type: String, reflect: true },
    router: { type: String },
    client: { attribute: false },
    getToken: { attribute: false },
    route: { state: true },
  }
  /** Style sheets of the shadow root. */
  static override styles: CSSResultGroup = [
    tokens,
    theme,
    base,
    controls,
    statusStyles,
    runCellStyles,
    connectionStatusStyles,
    navigationStyles,
    pageHeaderStyles,
    dashboardStyles,
  ]

  /** Where the API is mounted. Default: `/api`. */
  declare src: string
  /** `auto` follows the system. Default: `auto`. */
  declare theme: Theme
  /** `hash` keeps the page in the fragment of the address; `memory` leaves the address alone. Default: `hash`. */
  declare router: 'hash' | 'memory'
  /** A transport of the host's own instead of HTTP. */
  declare client: DashboardClient | null
  /** Gives the bearer token of each request. */
  declare getToken: GetToken | null
  /** What is shown; set by links, keys and the address. */
  declare route: Route
  readonly #shortcuts = new Shortcuts()
  readonly #announcer = new Announcer()
  #store: LiveStore | null = null
  #release: (() => void) | undefined

  constructor() {
    super()
    this.src = '/api'
    this.theme = 'auto'
    this.router = 'hash'
    this.client = null
    this.getToken = null
    this.route = { page: 'overview' }
    this.addEventListener('keydown', this.#onKey)
    this.addEventListener('perfect-route', this.#onRoute as EventListener)
    this.addEventListener('perfect-trigger-request', this.#onTriggerRequest as EventListener)
    this.addEventListener('perfect-trigger', this.#onTriggered as EventListener)
  }

  override connectedCallback(): void {
    super.connectedCallback()
    window.addEventListener('hashchange', this.#onHash)
    if (this.theme === 'auto') this.theme = rememberedTheme()
    if (this.router === 'hash') this.route = parseRoute(location.hash.slice(1))
    if (this.hasUpdated) this.#connect()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    window.removeEventListener('hashchange', this.#onHash)
    this.#disconnect()
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('src') || changed.has('client') || changed.has('getToken') || this.#store === null) this.#connect()
  }

  override render(): TemplateResult {
    const store = this.#store
    if (store === null) return html``
    const { state, connection } = store
    const run = this.route.page === 'run' ? state.runs.get(this.route.runId) : undefined
    const isStale = connectionWord(connection, Date.now()) === 'stale'
    return html`<div class="shell ${isStale ? 'stale' : ''}" @click=${this.#onClick}>
      ${navigation(this.route, state)}
      <div class="scroll">
        ${pageHeader({
          route: this.route,
          run,
          connection: connectionStatus(connection, Date.now(), this.#reconnect),
          isDark: isDark(this.theme),
          hasFlows: state.flows.size > 0,
          onTheme: this.#toggleTheme,
          onTrigger: this.#trigger,
          onCancel: this.#cancel,
        })}
        <main tabindex="-1">${this.#page(store)}</main>
      </div>
      <perfect-trigger-dialog .store=${store}></perfect-trigger-dialog>
      ${this.#announcer.render()}
    </div>`
  }

  #page(store: LiveStore): TemplateResult {
    switch (this.route.page) {
      case 'overview':
        return html`<perfect-home-page .store=${store}></perfect-home-page>`
      case 'flows':
        return html`<perfect-flow-library .store=${store}></perfect-flow-library>`
      case 'runs':
        return html`<perfect-run-history .store=${store} .filter=${this.route.filter}></perfect-run-history>`
      case 'run':
        return html`<perfect-run-page .store=${store} .runId=${this.route.runId}></perfect-run-page>`
      case 'processes':
        return html`<perfect-process-list .store=${store}></perfect-process-list>`
    }
  }

  #connect(): void {
    this.#disconnect()
    const store = sharedStore({ src: this.src, client: this.client, getToken: this.getToken })
    const letGo = store.acquire()
    const stopTicking = everySecond(this.#onChange)
    store.addEventListener('change', this.#onChange)
    store.addEventListener('unauthorized', this.#onUnauthorized)
    this.#store = store
    this.#release = () => {
      store.removeEventListener('change', this.#onChange)
      store.removeEventListener('unauthorized', this.#onUnauthorized)
      stopTicking()
      letGo()
    }
  }

  #disconnect(): void {
    this.#release?.()
    this.#release = undefined
    this.#store = null
  }

  #go(route: Route): void {
    const path = formatRoute(route)
    const event = new CustomEvent('perfect-navigate', {
      detail: { path },
      bubbles: true,
      composed: true,
      cancelable: true,
    })
    if (!this.dispatchEvent(event)) return
    if (this.router === 'hash') location.hash = path
    else this.#show(route)
  }

  #show(route: Route): void {
    const isOtherPage =
      route.page !== this.route.page ||
      (route.page === 'run' && this.route.page === 'run' && route.runId !== this.route.runId)
    this.route = route
    if (!isOtherPage) return
    this.#announcer.say(route.page === 'run' ? 'Run' : route.page)
    void this.#focusContent()
  }

  /** Focus goes to the new content, as after a page load; otherwise it would be on a link that may be gone. */
  async #focusContent(): Promise<void> {
    await this.updateComplete
    this.renderRoot.querySelector('.scroll')?.scrollTo(0, 0)
    this.renderRoot.querySelector('main')?.focus({ preventScroll: true })
  }

  #openTrigger(flowId: string | null): void {
    void this.renderRoot.querySelector<TriggerDialog>('perfect-trigger-dialog')?.open(flowId)
  }

  readonly #onChange = (): void => {
    const store = this.#store
    if (store === null) return
    const runId = this.route.page === 'run' ? this.route.runId : null
    this.#announcer.observe(store.state.runs.get(runId ?? ''), connectionWord(store.connection, Date.now()))
    this.requestUpdate()
  }

  readonly #onUnauthorized = (): void => {
    this.dispatchEvent(new CustomEvent('perfect-auth-required', { bubbles: true, composed: true }))
  }

  readonly #onHash = (): void => {
    // Fragments that are not ours belong to the host.
    if (this.router === 'hash' && (location.hash === '' || location.hash.startsWith('#/')))
      this.#show(parseRoute(location.hash.slice(1)))
  }

  /** Links are real, so that they open in another tab; a plain click stays inside the element. */
  readonly #onClick = (event: MouseEvent): void => {
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return
    const link = event.composedPath().find((target) => target instanceof HTMLAnchorElement)
    const href = link?.getAttribute('href') ?? ''
    if (!href.startsWith('#/')) return
    event.preventDefault()
    this.#go(parseRoute(href.slice(1)))
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    const action = this.#shortcuts.read(event)
    if (action === null) return
    event.preventDefault()
    if (action.type === 'go') this.#go(action.route)
    else if (action.type === 'trigger') this.#trigger()
    else this.renderRoot.querySelector<Element & { focusFilter?: () => unknown }>('main > *')?.focusFilter?.()
  }

  readonly #onRoute = (event: CustomEvent<{ route: Route }>): void => {
    event.stopPropagation()
    this.#go(event.detail.route)
  }

  readonly #onTriggerRequest = (event: CustomEvent<{ flowId: string }>): void => {
    this.#openTrigger(event.detail.flowId)
  }

  readonly #onTriggered = (event: CustomEvent<{ run: RunView }>): void => {
    this.#announcer.say(`Run of ${event.detail.run.flowName} started`)
    this.#go({ page: 'run', runId: event.detail.run.id })
  }

  readonly #trigger = (): void => {
    const run = this.route.page === 'run' ? this.#store?.state.runs.get(this.route.runId) : undefined
    this.#openTrigger(run?.flowId ?? null)
  }

  readonly #cancel = (): void => {
    this.renderRoot.querySelector<RunPage>('perfect-run-page')?.askToCancel()
  }

  readonly #reconnect = (): void => {
    this.#store?.reconnect()
  }

  readonly #toggleTheme = (): void => {
    this.theme = isDark(this.theme) ? 'light' : 'dark'
    rememberTheme(this.theme)
  }
}
