import { html, nothing, type TemplateResult } from 'lit'
import type { DirectiveResult } from 'lit/directive.js'

import { cssProperties } from '../../parts/css-properties.ts'
import { chevronRightIcon } from '../../parts/icons.ts'
import { glyph } from '../../parts/status.ts'
import type { TaskNode } from '../../state/task-tree.ts'
import { percentAt, type TimeAxis } from '../../state/time-axis.ts'
import { taskLabel } from '../../text/strings.ts'
import { formatDuration, formatTicking } from '../../text/time.ts'

/** What a row of the timeline needs. */
export interface TimelineRowOptions {
  readonly node: TaskNode
  readonly axis: TimeAxis
  /** When unfinished bars end. Unit: ms since 1970. */
  readonly now: number
  /** Position among all rows, from 1. */
  readonly position: number
  /** Distance from the top of the rows. Unit: px. */
  readonly top: number
  readonly isFolded: boolean
  readonly isSelected: boolean
  /** Whether the row is the one that Tab goes to. */
  readonly isCurrent: boolean
}

/** Part of the axis from which on a label stands before its bar instead of after it. Unit: percent. */
const LABEL_FITS = 84
/** Part of the axis that a label before its bar takes. Unit: percent. */
const BEFORE_FITS = 12

/** A row: label on the left, bars on the axis on the right. */
export function timelineRow(options: TimelineRowOptions): TemplateResult {
  const { node, position, top, isFolded, isSelected, isCurrent } = options
  const label = taskLabel(node.status)
  const isGroup = node.children.length > 0
  return html`<div
    class="row ${isGroup ? 'group' : ''} ${isSelected ? 'selected' : ''}"
    role="row"
    tabindex=${isCurrent ? '0' : '-1'}
    data-key=${node.key}
    aria-level=${String(node.level)}
    aria-rowindex=${String(position)}
    aria-selected=${String(isSelected)}
    aria-expanded=${isGroup ? String(!isFolded) : nothing}
    ${cssProperties({ transform: `translateY(${String(top)}px)` })}
  >
    <div class="label" role="rowheader" ${cssProperties({ '--level': String(node.level - 1) })}>
      ${isGroup ? html`<span class="fold">${chevronRightIcon}</span>` : nothing}${glyph(label, node.task?.fraction)}
      ${name(node.label)}
      <span class="hidden-text">, ${label.word}</span>
      <span class="weight">${aside(node, isFolded)}</span>
      <span class="took">${took(node, options.now)}</span>
    </div>
    <div class="track" role="gridcell">${bars(options)}</div>
  </div>`
}

/** Of a path, the end says more than the beginning: only the beginning is cut. */
function name(label: string): TemplateResult {
  const end = label.lastIndexOf('/', label.length - 2) + 1
  return html`<span class="name" title=${label}
    >${end === 0 ? nothing : html`<span class="truncate">${label.slice(0, end)}</span>`}<span class="name-end truncate"
      >${label.slice(end)}</span
    ></span
  >`
}

function aside({ task, weight, children }: TaskNode, isFolded: boolean): string {
  const tries = task !== null && task.attempt > 1 ? `${String(task.attempt)} tries · ` : ''
  const inside = children.length > 0 && isFolded ? `${String(children.length)} inside · ` : ''
  return `${tries}${inside}w${String(Number(weight.toFixed(2)))}`
}

/** For narrow pages, where the bar has no room for it. */
function took({ startedAt, finishedAt, task }: TaskNode, now: number): string {
  const tries = task !== null && task.attempt > 1 ? `${String(task.attempt)} tries · ` : ''
  if (startedAt === null) return 'planned'
  return tries + (finishedAt === null ? formatTicking(now - startedAt) : formatDuration(finishedAt - startedAt))
}

function bars({ node, axis, now }: TimelineRowOptions): TemplateResult {
  if (node.startedAt === null) {
    const estimate = node.estimatedMs === null ? '' : `, about ${formatDuration(node.estimatedMs)}`
    return html`<span class="planned">planned${estimate}</span>`
  }
  const end = node.finishedAt ?? now
  const from = percentAt(axis, node.startedAt)
  const width = percentAt(axis, end) - from
  const expected = node.estimatedMs === null ? 0 : percentAt(axis, node.startedAt + node.estimatedMs) - from
  const isLeaf = node.children.length === 0
  return html`${isLeaf && expected > 0 ? html`<i class="mark expected" ${place(from, expected)}></i>` : nothing}
    <i class="mark mark-${node.status} ${isLeaf ? '' : 'mark-group'}" ${place(from, width)}></i>
    ${barLabel(node, now, from, from + Math.max(width, isLeaf ? expected : 0))}`
}

function barLabel(node: TaskNode, now: number, from: number, to: number): TemplateResult {
  const start = node.startedAt ?? now
  const duration = node.finishedAt === null ? formatTicking(now - start) : formatDuration(node.finishedAt - start)
  const note = node.task?.note ?? null
  const side = to <= LABEL_FITS ? 'after' : from > BEFORE_FITS ? 'before' : 'inside'
  return html`<span
    class="duration ${side} ${side === 'inside' && node.children.length === 0 ? `on-${node.status}` : ''}"
    ${cssProperties({ left: `${(side === 'before' ? from : to).toFixed(2)}%` })}
  >
    ${duration}${note === null || node.finishedAt !== null ? nothing : html` · ${note}`}
  </span>`
}

function place(left: number, width: number): DirectiveResult {
  return cssProperties({ left: `${left.toFixed(3)}%`, width: `${width.toFixed(3)}%` })
}
