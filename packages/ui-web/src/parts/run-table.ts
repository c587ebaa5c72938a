import type { FlowView, RunView } from '@perfect/core'
import { html, nothing, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'

import { durationOf, isFinal } from '../state/runs.ts'
import { segmentsOf } from '../state/segments.ts'
import { runLabel, shortId } from '../text/strings.ts'
import { formatAgo, formatDuration, formatInstant, formatTicking, instant } from '../text/time.ts'
import { cssProperties } from './css-properties.ts'
import { unusualConfigurationTag, percentText, triggerCell } from './run-cells.ts'
import { segmentBar } from './segment-bar.ts'
import { status } from './status.ts'
import { timeLeftShort } from './time-left.ts'

/** What a table of runs needs besides the runs. */
export interface RunTableOptions {
  readonly label: string
  /** Server time. Unit: ms since 1970. */
  readonly now: number
  readonly flows: ReadonlyMap<string, FlowView>
  /** Typical duration by flow. Unit: ms. */
  readonly typical: ReadonlyMap<string, number>
}

/** Share of the track that a typical duration takes; the rest is room for slower runs. */
const TYPICAL_AT = 0.66

/** A table of runs; a row is a link to its run, and changes in place while the run goes on. */
export function runTable(runs: readonly RunView[], options: RunTableOptions): TemplateResult {
  return html`<table class="runs" role="table" aria-label=${options.label}>
    <thead role="rowgroup">
      <tr role="row">
        <th role="columnheader" class="column-status">Status</th>
        <th role="columnheader">Flow</th>
        <th role="columnheader" class="column-trigger">Trigger</th>
        <th role="columnheader" class="column-duration">Duration</th>
        <th role="columnheader" class="column-end">Finished</th>
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${repeat(
        runs,
        (run) => run.id,
        (run) => row(run, options),
      )}
    </tbody>
  </table>`
}

function row(run: RunView, options: RunTableOptions): TemplateResult {
  return html`<tr role="row" class="run">
    <td role="cell" class="column-status">${status(runLabel(run), run.progress.percent / 100)}</td>
    <td role="cell" class="column-flow">
      <span class="flow-name">
        <a href="#/runs/${run.id}" class="row-link"><span class="truncate">${run.flowName}</span></a>
        ${unusualConfigurationTag(run, options.flows.get(run.flowId))}
        <span class="mono faint" title=${run.id}>${shortId(run.id)}</span>
      </span>
    </td>
    ${
      run.error === null
        ? html`<td role="cell" class="column-trigger">${triggerCell(run)}</td>`
        : html`<td role="cell" class="column-error" title=${run.error.message}>${run.error.message}</td>`
    }
    <td role="cell" class="column-duration">${durationCell(run, options)}</td>
    <td role="cell" class="column-end number">${endCell(run, options.now)}</td>
  </tr>`
}

function durationCell(run: RunView, { now, flows, typical }: RunTableOptions): TemplateResult {
  const duration = durationOf(run, now)
  if (!isFinal(run)) {
    const segments = segmentsOf(run, flows.get(run.flowId))
    const label = `${run.flowName} progress`
    return html`<div class="duration">
      <span class="number">${duration === null ? '–' : formatTicking(duration)}</span>
      ${segmentBar({ segments, percent: run.progress.percent, label, state: 'live' })} ${timeLeftShort(run, now)}
    </div>`
  }
  const usual = typical.get(run.flowId)
  return html`<div class="duration">
    <span class="number">${formatDuration(duration)}</span>
    ${usual === undefined || duration === null ? nothing : durationBar(run, duration, usual)}
  </div>`
}

function durationBar(run: RunView, duration: number, usual: number): TemplateResult {
  const width = Math.min(1, (duration / Math.max(1, usual)) * TYPICAL_AT)
  return html`<span class="duration-track" title="Typically ${formatDuration(usual)}">
    <i class=${run.status === 'failed' ? 'bad' : ''} ${cssProperties({ width: `${(width * 100).toFixed(1)}%` })}></i>
    <b ${cssProperties({ left: `${String(TYPICAL_AT * 100)}%` })}></b>
  </span>`
}

function endCell(run: RunView, now: number): TemplateResult {
  if (!isFinal(run)) return percentText(run.progress.percent)
  const end = instant(run.finishedAt) ?? instant(run.createdAt)
  return html`<time datetime=${run.finishedAt ?? run.createdAt} title=${formatInstant(end)}
    >${formatAgo(now - end)}</time
  >`
}
