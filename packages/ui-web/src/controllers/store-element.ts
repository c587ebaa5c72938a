import { LitElement, type PropertyDeclarations } from 'lit'

import type { DashboardState } from '../state/dashboard-state.ts'
import type { LiveStore } from './live-store.ts'
import { everySecond } from './ticker.ts'

/** An element that shows a part of a store's state: it renders again when that part is another one, and while it ticks, each second. */
export abstract class StoreElement extends LitElement {
  static override properties: PropertyDeclarations = { store: { attribute: false } }

  declare store: LiveStore
  #selected: readonly unknown[] = []
  #stop: (() => void) | undefined
  #stopTicking: (() => void) | undefined

  /** What of the state is shown; compared by identity. */
  protected abstract selection(state: DashboardState): readonly unknown[]

  /** Whether something shown counts seconds. */
  protected isTicking(): boolean {
    return true
  }

  protected get state(): DashboardState {
    return this.store.state
  }

  override connectedCallback(): void {
    super.connectedCallback()
    const { store } = this
    store.addEventListener('change', this.#onChange)
    this.#stop = () => {
      store.removeEventListener('change', this.#onChange)
    }
    this.#onChange()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stop?.()
    this.#stopTicking?.()
    this.#stopTicking = undefined
  }

  protected override updated(): void {
    if (!this.isTicking() || !this.isConnected) {
      this.#stopTicking?.()
      this.#stopTicking = undefined
    } else
      this.#stopTicking ??= everySecond(() => {
        this.requestUpdate()
      })
  }

  readonly #onChange = (): void => {
    const selected = this.selection(this.store.state)
    if (selected.every((value, index) => Object.is(value, this.#selected[index]))) return
    this.#selected = selected
    this.requestUpdate()
  }
}
