import { html, nothing, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from 'lit'

import { arrowDownIcon, arrowUpIcon, searchIcon } from '../../parts/icons.ts'
import type { LogView } from '../log-view/log-view.ts'

/** What the find field needs from the log around it. */
export interface LogFindOptions {
  readonly view: () => LogView | null
  /** Reads what is not here yet, because what is looked for may be there. */
  readonly loadAll: () => Promise<void>
}

/** The find field of a log: marks every hit, and goes from one to the next. */
export class LogFind implements ReactiveController {
  readonly #host: ReactiveControllerHost
  readonly #options: LogFindOptions
  #needle = ''
  #hits: readonly number[] = []
  #hit = -1

  constructor(host: ReactiveControllerHost, options: LogFindOptions) {
    this.#host = host
    this.#options = options
    host.addController(this)
  }

  hostConnected(): void {
    this.#needle = ''
  }

  render(): TemplateResult {
    return html`<div class="find" role="search">
      <label class="search small">
        <span class="hidden-text">Find in log</span>
        ${searchIcon}
        <input
          class="input"
          type="search"
          placeholder="Find in log"
          .value=${this.#needle}
          @input=${this.#onInput}
          @keydown=${this.#onKey}
        />
      </label>
      ${this.#needle === '' ? nothing : this.#steps()}
    </div>`
  }

  /** Looks again, after the rows changed. */
  search(): void {
    if (this.#needle === '' && this.#hits.length === 0) return
    this.#hits = this.#options.view()?.find(this.#needle) ?? []
    this.#go(this.#hits.length - 1)
  }

  #steps(): TemplateResult {
    return html`<span class="count" role="status">${String(this.#hit + 1)} of ${String(this.#hits.length)}</span>
      <button class="icon-button" aria-label="Previous match" @click=${this.#previous}>${arrowUpIcon}</button>
      <button class="icon-button" aria-label="Next match" @click=${this.#next}>${arrowDownIcon}</button>`
  }

  #go(hit: number): void {
    this.#hit = hit
    this.#options.view()?.reveal(this.#hits[hit] ?? null)
    this.#host.requestUpdate()
  }

  async #searchAll(): Promise<void> {
    await this.#options.loadAll()
    this.search()
  }

  readonly #onInput = (event: Event): void => {
    this.#needle = (event.target as HTMLInputElement).value
    this.#hits = this.#options.view()?.find(this.#needle) ?? []
    this.#go(this.#hits.length - 1)
    if (this.#needle !== '') void this.#searchAll()
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') (event.shiftKey ? this.#previous : this.#next)()
  }

  readonly #next = (): void => {
    if (this.#hits.length > 0) this.#go((this.#hit + 1) % this.#hits.length)
  }

  readonly #previous = (): void => {
    if (this.#hits.length > 0) this.#go((this.#hit - 1 + this.#hits.length) % this.#hits.length)
  }
}
