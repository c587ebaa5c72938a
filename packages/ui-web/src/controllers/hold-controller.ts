import type { LitElement, ReactiveController } from 'lit'

import { arrange, type StableOrder } from '../state/stable-order.ts'

/** Keeps a list still while the pointer is over it, focus is in it, or its first rows are scrolled away. */
export class HoldController implements ReactiveController {
  readonly #host: LitElement
  readonly #selector: string
  #order: StableOrder = { ids: [], waiting: 0 }
  #scope = ''
  #hasPointer = false
  #hasFocus = false

  /** @param selector the list inside the host's shadow root */
  constructor(host: LitElement, selector: string) {
    this.#host = host
    this.#selector = selector
    host.addController(this)
  }

  hostConnected(): void {
    const root = this.#host.renderRoot
    // Listeners on the root see the list whenever it is rendered; touch has no hover and must not hold for ever.
    root.addEventListener('pointerover', this.#onPointer)
    this.#host.addEventListener('pointerleave', this.#onLeave)
    root.addEventListener('focusin', this.#onFocus)
    root.addEventListener('focusout', this.#onFocus)
  }

  hostDisconnected(): void {
    const root = this.#host.renderRoot
    root.removeEventListener('pointerover', this.#onPointer)
    this.#host.removeEventListener('pointerleave', this.#onLeave)
    root.removeEventListener('focusin', this.#onFocus)
    root.removeEventListener('focusout', this.#onFocus)
  }

  /**
   * The order to render.
   *
   * @param scope what the list shows; another scope (a filter) is a new list and never held
   */
  arrange(wanted: readonly string[], scope = ''): StableOrder {
    const isHeld = scope === this.#scope && (this.isHeld() || this.#isScrolledAway())
    this.#scope = scope
    this.#order = arrange(this.#order.ids, wanted, isHeld)
    return this.#order
  }

  /** Whether the pointer or focus is in the list. */
  isHeld(): boolean {
    return this.#hasPointer || this.#hasFocus
  }

  /** Shows what is waiting, at the wish of the viewer. */
  release(): void {
    this.#order = { ids: [], waiting: 0 }
    this.#host.requestUpdate()
  }

  #isScrolledAway(): boolean {
    const list = this.#host.renderRoot.querySelector(this.#selector)
    return list !== null && list.getBoundingClientRect().top < 0
  }

  readonly #onPointer = (event: Event): void => {
    if ((event as PointerEvent).pointerType === 'touch') return
    this.#set('pointer', this.#isInside(event.target))
  }

  readonly #onLeave = (): void => {
    this.#set('pointer', false)
  }

  readonly #onFocus = (event: Event): void => {
    const target = event.type === 'focusin' ? event.target : (event as FocusEvent).relatedTarget
    this.#set('focus', this.#isInside(target) && (target as Element).matches(':focus-visible'))
  }

  #isInside(target: EventTarget | null): boolean {
    return target instanceof Element && target.closest(this.#selector) !== null
  }

  #set(what: 'pointer' | 'focus', isOn: boolean): void {
    const wasHeld = this.#hasPointer || this.#hasFocus
    if (what === 'pointer') this.#hasPointer = isOn
    else this.#hasFocus = isOn
    if (wasHeld && !this.#hasPointer && !this.#hasFocus) this.#host.requestUpdate()
  }
}
