import { html, LitElement, type CSSResultGroup, type PropertyDeclarations, type TemplateResult } from 'lit'

import { LogBuffer, type LogRow } from '../../state/log-buffer.ts'
import { base } from '../../styles/base.ts'
import { stripAnsi } from './ansi.ts'
import { LogHighlight } from './log-highlight.ts'
import { fillRow } from './log-row.ts'
import { logViewStyles } from './log-view.styles.ts'

/** Height of a row. Unit: px. The same for all, so that any row is found without measuring. */
const ROW = 18
/** Height of the content at most. Unit: px. Browsers clamp elements at about 16 to 33 million; beyond this, scrolling is scaled. */
const TALLEST = 8_000_000
/** Rows drawn above and below the visible ones. */
const MARGIN = 4
/** Distance to the end that still counts as being at the end. Unit: px. */
const AT_END = 6

interface PooledRow {
  readonly element: HTMLElement
  row: LogRow | null
  nodes: readonly Text[]
}

/** Shows the rows of a log buffer; only the visible ones are in the page. Follows the end until the viewer scrolls up. */
export class LogView extends LitElement {
  static override properties: PropertyDeclarations = {
    buffer: { attribute: false },
    label: {},
    follow: { type: Boolean },
  }
  static override styles: CSSResultGroup = [base, logViewStyles]

  declare buffer: LogBuffer
  /** Accessible name. */
  declare label: string
  declare follow: boolean
  /** Row elements by the index of the row they show; the others wait to be used again. */
  readonly #visible = new Map<number, PooledRow>()
  readonly #free: PooledRow[] = []
  readonly #highlight = new LogHighlight()
  readonly #resize = new ResizeObserver(() => {
    this.refresh()
  })
  /** Scroll position of the last drawing. Unit: px. */
  #top = 0
  #needle = ''
  #marked: LogRow | null = null
  #isScheduled = false

  constructor() {
    super()
    this.buffer = new LogBuffer()
    this.label = 'Log'
    this.follow = true
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#resize.observe(this)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#resize.disconnect()
    this.#highlight.clear()
  }

  override render(): TemplateResult {
    return html`<div
      class="view"
      role="log"
      aria-live="off"
      aria-label=${this.label}
      tabindex="0"
      @scroll=${this.#onScroll}
    >
      <div class="content"></div>
    </div>`
  }

  protected override updated(): void {
    this.refresh()
  }

  /** Draws again in the next frame; call it after the buffer changed. */
  refresh(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    requestAnimationFrame(() => {
      this.#isScheduled = false
      if (this.isConnected) this.#draw()
    })
  }

  /** Keeps the visible rows where they are after `count` rows were added above them. */
  shift(count: number): void {
    const view = this.#view()
    this.#resizeContent()
    if (view !== null) view.scrollTop += count * ROW
    this.refresh()
  }

  /** Indexes of the rows that contain a text, whatever its case; every place in the visible ones is marked. */
  find(text: string): readonly number[] {
    this.#needle = text.toLowerCase()
    this.refresh()
    if (this.#needle === '') return []
    return this.buffer.rows.flatMap((row, index) =>
      stripAnsi(row.text).toLowerCase().includes(this.#needle) ? [index] : [],
    )
  }

  /** Brings a row into the middle of the view and marks it; null marks none. */
  reveal(index: number | null): void {
    this.#marked = index === null ? null : (this.buffer.rows[index] ?? null)
    const view = this.#view()
    if (view !== null && index !== null) {
      this.#setFollow(false)
      const total = this.buffer.rows.length * ROW
      const top = Math.max(0, index * ROW - view.clientHeight / 2)
      this.#resizeContent()
      view.scrollTop = top * this.#scale(view, total)
    }
    for (const pooled of this.#visible.values()) pooled.row = null
    this.refresh()
  }

  /** Text of the rows that pass the filter. */
  text(): string {
    return this.buffer.rows.map((row) => stripAnsi(row.text)).join('\n')
  }

  #view(): HTMLElement | null {
    return this.renderRoot.querySelector('.view')
  }

  /** Scroll position per content position: 1 until the content is taller than browsers allow. */
  #scale(view: HTMLElement, total: number): number {
    if (total <= TALLEST) return 1
    return (TALLEST - view.clientHeight) / (total - view.clientHeight)
  }

  #resizeContent(): void {
    const content = this.renderRoot.querySelector<HTMLElement>('.content')
    content?.style.setProperty('height', `${String(Math.min(TALLEST, this.buffer.rows.length * ROW))}px`)
  }

  #draw(): void {
    const view = this.#view()
    const content = view?.firstElementChild
    if (view === null || !(content instanceof HTMLElement)) return
    const { rows } = this.buffer
    // The viewer may have scrolled since the last drawing, and the event that says so may be still to come.
    if (view.scrollTop !== this.#top && !isAtEnd(view)) this.#setFollow(false)
    this.#resizeContent()
    if (this.follow) view.scrollTop = view.scrollHeight
    this.#top = view.scrollTop
    const scale = this.#scale(view, rows.length * ROW)
    const top = view.scrollTop / scale
    const first = Math.max(0, Math.floor(top / ROW) - MARGIN)
    const last = Math.min(rows.length, Math.ceil((top + view.clientHeight) / ROW) + MARGIN)
    this.#release(first, last)
    for (let index = first; index < last; index++) {
      const row = rows[index]
      if (row !== undefined) this.#place(content, index, row, view.scrollTop + index * ROW - top)
    }
    this.#highlight.update(
      [...this.#visible.values()].flatMap(({ nodes }) => nodes),
      this.#needle,
    )
  }

  #release(first: number, last: number): void {
    for (const [index, pooled] of this.#visible) {
      if (index >= first && index < last) continue
      this.#visible.delete(index)
      this.#free.push(pooled)
      pooled.element.hidden = true
    }
  }

  #place(content: HTMLElement, index: number, row: LogRow, top: number): void {
    const pooled = this.#visible.get(index) ??
      this.#free.pop() ?? { element: document.createElement('div'), row: null, nodes: [] }
    this.#visible.set(index, pooled)
    const { element } = pooled
    if (pooled.row !== row) {
      pooled.nodes = fillRow(element, row)
      pooled.row = row
      if (row === this.#marked) element.classList.add('marked')
    }
    element.hidden = false
    element.style.setProperty('transform', `translateY(${String(top)}px)`)
    if (element.parentNode === null) content.append(element)
  }

  #setFollow(follow: boolean): void {
    if (this.follow === follow) return
    this.follow = follow
    this.dispatchEvent(new CustomEvent('perfect-follow', { detail: { follow } }))
  }

  readonly #onScroll = (): void => {
    const view = this.#view()
    if (view === null) return
    this.#setFollow(isAtEnd(view))
    if (view.scrollTop < ROW * MARGIN && !this.follow) this.dispatchEvent(new CustomEvent('perfect-log-start'))
    this.refresh()
  }
}

function isAtEnd(view: HTMLElement): boolean {
  return view.scrollTop + view.clientHeight >= view.scrollHeight - AT_END
}
