import type { FlowView, RunView, TaskView } from '@perfect/core'
import {
  html,
  LitElement,
  nothing,
  type CSSResultGroup,
  type PropertyDeclarations,
  type PropertyValues,
  type TemplateResult,
} from 'lit'
import type { DirectiveResult } from 'lit/directive.js'
import { repeat } from 'lit/directives/repeat.js'

import { cssProperties } from '../../parts/css-properties.ts'
import { empty, panelStateStyles } from '../../parts/panel-states.ts'
import { statusStyles } from '../../parts/status.ts'
import { isFinal } from '../../state/runs.ts'
import { buildTaskTree, FOLD_FROM, visibleRows, type TaskNode } from '../../state/task-tree.ts'
import { percentAt, tickLabel, timeAxis, type TimeAxis } from '../../state/time-axis.ts'
import { base } from '../../styles/base.ts'
import { controls } from '../../styles/controls.ts'
import { formatTicking, instant } from '../../text/time.ts'
import { runTimelineStyles } from './run-timeline.styles.ts'
import { rowAfterKey } from './timeline-keys.ts'
import { timelineRow } from './timeline-row.ts'

/** Height of a row, beside and below its label. Unit: px. */
const ROW = { wide: 30, narrow: 46 }
/** Rows from which on the timeline scrolls in itself and only visible rows are in the page. */
const SCROLL_FROM = 26
/** Tasks from which on the tree is built at most every {@link REBUILD_MS}. */
const MANY_TASKS = 500
/** Unit: ms. Long enough for a phone, short enough to look live. */
const REBUILD_MS = 500
/** Rows drawn above and below the visible ones. */
const MARGIN = 6
/** Room right of "now" while a run goes on, so that the running bars do not end at the edge. Range: 0..1. */
const ROOM = 0.06

/** The tasks of a run on a time axis. Fires `perfect-task` with the key of a chosen task. */
export class RunTimeline extends LitElement {
  static override properties: PropertyDeclarations = {
    run: { attribute: false },
    tasks: { attribute: false },
    flow: { attribute: false },
    now: { attribute: false },
    selected: { attribute: false },
    toggled: { state: true },
    current: { state: true },
    isNarrow: { state: true },
    scrolled: { state: true },
  }
  static override styles: CSSResultGroup = [base, controls, statusStyles, panelStateStyles, runTimelineStyles]

  declare run: RunView
  declare tasks: ReadonlyMap<string, TaskView>
  declare flow: FlowView | undefined
  /** Server time. Unit: ms since 1970. */
  declare now: number
  /** Key of the chosen task; null for none. */
  declare selected: string | null
  /** Groups that the viewer folded or unfolded against the default. */
  declare toggled: ReadonlySet<string>
  /** Key of the row that Tab goes to. */
  declare current: string | null
  declare isNarrow: boolean
  /** Unit: px. */
  declare scrolled: number
  #nodes: readonly TaskNode[] = []
  #rows: readonly TaskNode[] = []
  #builtAt = -Infinity
  #buildLater: ReturnType<typeof setTimeout> | undefined
  readonly #resize = new ResizeObserver(([entry]) => {
    const isNarrow = (entry?.contentRect.width ?? 1000) <= 640
    // Changing the height while sizes are being reported is an error that browsers report to the page.
    requestAnimationFrame(() => {
      this.isNarrow = isNarrow
    })
  })

  constructor() {
    super()
    this.tasks = new Map()
    this.flow = undefined
    this.now = 0
    this.selected = null
    this.toggled = new Set()
    this.current = null
    this.isNarrow = false
    this.scrolled = 0
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#resize.observe(this)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#resize.disconnect()
    clearTimeout(this.#buildLater)
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('tasks') || changed.has('flow') || changed.has('run')) this.#build()
    this.#rows = visibleRows(this.#nodes, this.#isFolded)
  }

  override render(): TemplateResult {
    return html`<section class="panel" aria-labelledby="timeline">
      <div class="panel-head">
        <h2 id="timeline">Timeline</h2>
      </div>
      ${this.#rows.length === 0 ? this.#none() : this.#chart()}
    </section>`
  }

  /** Builds the tree anew; with thousands of tasks not with every event, because it takes longer than a frame then. */
  #build(): void {
    clearTimeout(this.#buildLater)
    const wait = this.tasks.size < MANY_TASKS ? 0 : this.#builtAt + REBUILD_MS - performance.now()
    if (wait > 0 && !isFinal(this.run)) {
      this.#buildLater = setTimeout(() => {
        this.requestUpdate('tasks')
      }, wait)
      return
    }
    this.#builtAt = performance.now()
    this.#nodes = buildTaskTree(this.tasks.values(), this.flow, isFinal(this.run))
  }

  #none(): TemplateResult {
    return isFinal(this.run)
      ? empty('No task ran', 'The run ended before its first task.')
      : empty('No task yet', 'Tasks appear here when the run starts.')
  }

  #chart(): TemplateResult {
    const axis = this.#axis()
    const height = this.isNarrow ? ROW.narrow : ROW.wide
    const isScrolling = this.#rows.length > SCROLL_FROM
    const [first, last] = this.#window(height, isScrolling)
    const tabStop = this.#rows.some(({ key }) => key === this.current) ? this.current : this.#rows[0]?.key
    return html`<div class="chart">
      ${this.#grid(axis)}
      <div
        class="rows ${isScrolling ? 'scrolling' : ''}"
        role="treegrid"
        aria-label="Tasks of the run"
        aria-rowcount=${String(this.#rows.length)}
        @scroll=${this.#onScroll}
        @keydown=${this.#onKey}
        @click=${this.#onClick}
      >
        <div class="canvas" role="rowgroup" ${cssProperties({ height: `${String(this.#rows.length * height)}px` })}>
          ${repeat(
            this.#rows.slice(first, last),
            (node) => node.key,
            (node, index) =>
              timelineRow({
                node,
                axis,
                now: this.#end(),
                position: first + index + 1,
                top: (first + index) * height,
                isFolded: this.#isFolded(node),
                isSelected: node.key === this.selected || (node.task !== null && node.task.key === this.selected),
                isCurrent: node.key === tabStop,
              }),
          )}
        </div>
      </div>
    </div>`
  }

  #grid(axis: TimeAxis): TemplateResult {
    const now = percentAt(axis, this.#end())
    const left = (at: number): DirectiveResult => cssProperties({ left: `${at.toFixed(3)}%` })
    return html`<div class="grid" aria-hidden="true">
      ${axis.ticks.map((tick) => {
        const at = percentAt(axis, axis.start + tick)
        // The clock of "now" would stand on top of the words of a tick nearby.
        const isHidden = !isFinal(this.run) && Math.abs(at - now) < (this.isNarrow ? 14 : 7)
        return html`<i class="tick" ${left(at)}><span>${isHidden ? nothing : tickLabel(tick)}</span></i>`
      })}
      ${
        isFinal(this.run)
          ? nothing
          : html`<i class="now" ${left(now)}><span>${formatTicking(this.#end() - axis.start)}</span></i>`
      }
    </div>`
  }

  #start(): number {
    return instant(this.run.startedAt) ?? instant(this.run.createdAt)
  }

  /** Where unfinished bars end: at the end of the run, or now. */
  #end(): number {
    return instant(this.run.finishedAt) ?? this.now
  }

  #axis(): TimeAxis {
    const start = this.#start()
    let end = this.#end()
    if (!isFinal(this.run)) {
      end += Math.max(500, (end - start) * ROOM)
      // Running tasks are drawn with what was declared for them; the axis has room for that.
      for (const task of this.tasks.values())
        if (task.finishedAt === null && task.estimatedMs !== null)
          end = Math.max(end, Math.min(instant(task.startedAt) + task.estimatedMs, start + (end - start) * 3))
    }
    return timeAxis(start, end, this.isNarrow ? 4 : 6)
  }

  #window(height: number, isScrolling: boolean): readonly [number, number] {
    if (!isScrolling) return [0, this.#rows.length]
    const first = Math.max(0, Math.floor(this.scrolled / height) - MARGIN)
    return [first, Math.min(this.#rows.length, first + SCROLL_FROM + 2 * MARGIN)]
  }

  readonly #isFolded = ({ key, children }: TaskNode): boolean => {
    const isDefault = children.length >= FOLD_FROM
    return this.toggled.has(key) ? !isDefault : isDefault
  }

  #toggle(node: TaskNode): void {
    const toggled = new Set(this.toggled)
    if (!toggled.delete(node.key)) toggled.add(node.key)
    this.toggled = toggled
  }

  #choose({ task }: TaskNode): void {
    if (task === null) return
    const key = task.key === this.selected ? null : task.key
    this.dispatchEvent(new CustomEvent('perfect-task', { detail: { key }, bubbles: true, composed: true }))
  }

  #nodeOf(target: EventTarget | null): TaskNode | undefined {
    const row = target instanceof Element ? target.closest<HTMLElement>('.row') : null
    return this.#rows.find(({ key }) => key === row?.dataset['key'])
  }

  readonly #onClick = (event: Event): void => {
    const node = this.#nodeOf(event.target)
    if (node === undefined) return
    this.current = node.key
    if (event.target instanceof Element && event.target.closest('.fold') !== null) this.#toggle(node)
    else if (node.task === null) this.#toggle(node)
    else this.#choose(node)
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    const node = this.#nodeOf(event.target)
    if (node === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    const isFolded = this.#isFolded(node)
    const step = rowAfterKey(event.key, this.#rows, this.#rows.indexOf(node), isFolded)
    if (step === null) return
    event.preventDefault()
    if (step === 'toggle') this.#toggle(node)
    else if (step === 'choose') this.#choose(node)
    else void this.#focus(step)
  }

  async #focus(index: number): Promise<void> {
    const node = this.#rows[index]
    const rows = this.renderRoot.querySelector('.rows')
    if (node === undefined || rows === null) return
    const height = this.isNarrow ? ROW.narrow : ROW.wide
    this.current = node.key
    if (rows.clientHeight < rows.scrollHeight) {
      const top = index * height
      if (top < rows.scrollTop) rows.scrollTop = top
      else if (top + height > rows.scrollTop + rows.clientHeight) rows.scrollTop = top + height - rows.clientHeight
      this.scrolled = rows.scrollTop
    }
    await this.updateComplete
    this.renderRoot.querySelector<HTMLElement>('.row[tabindex="0"]')?.focus()
  }

  readonly #onScroll = (event: Event): void => {
    this.scrolled = (event.target as Element).scrollTop
  }
}
