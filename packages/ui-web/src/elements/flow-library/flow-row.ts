import type { FlowView, RunView } from '@perfect/core'
import { html, nothing, type TemplateResult } from 'lit'

import { clockIcon, playIcon } from '../../parts/icons.ts'
import { plannedBar } from '../../parts/segment-bar.ts'
import { glyph, status } from '../../parts/status.ts'
import { cronInWords } from '../../text/cron.ts'
import { plural, runLabel } from '../../text/strings.ts'
import { formatAgo, formatAhead, formatDuration, formatInstant, instant } from '../../text/time.ts'
import { runStrip } from '../home-page/flow-health.ts'

/** Bars of past runs in a row. */
const STRIP = 24

/** What a row of the library needs. */
export interface FlowRowOptions {
  readonly flow: FlowView
  /** Its known runs, newest first. */
  readonly runs: readonly RunView[]
  /** Workers online that take its runs. */
  readonly workers: number
  /** Server time. Unit: ms since 1970. */
  readonly now: number
}

/** One flow of the library. */
export function flowRow({ flow, runs, workers, now }: FlowRowOptions): TemplateResult {
  return html`<li class="flow">
    <div class="flow-about">
      <h2>
        <a class="truncate" href="#/runs?flow=${encodeURIComponent(flow.id)}">${flow.name}</a>
        ${flow.tags.map((tag) => html`<span class="tag">${tag}</span>`)}
      </h2>
      <p class="flow-description">${flow.description ?? html`<span class="faint">No description</span>`}</p>
    </div>
    <div class="flow-plan">${plan(flow)}</div>
    <div class="flow-when">${schedule(flow, now)} ${place(flow, workers)}</div>
    <div class="flow-past">${past(flow, runs, now)}</div>
    <button class="button" data-flow=${flow.id} aria-label="Run ${flow.name}" @click=${request}>${playIcon}Run</button>
  </li>`
}

function request(event: Event): void {
  const button = event.currentTarget as HTMLElement
  const detail = { flowId: button.dataset['flow'] }
  button.dispatchEvent(new CustomEvent('perfect-trigger-request', { detail, bubbles: true, composed: true }))
}

function plan({ tasks }: FlowView): TemplateResult {
  if (tasks.length === 0) return html`<span class="faint">Tasks are known when it runs</span>`
  const estimates = tasks.map(({ estimatedMs }) => estimatedMs)
  const sum = estimates.reduce((total, ms) => (total === null || ms === null ? null : total + ms), 0)
  return html`<span>
      ${plural(tasks.length, 'task')}${sum === null || sum === 0 ? nothing : html`<span class="faint"> · about ${formatDuration(sum)}</span>`}
    </span>
    ${plannedBar(tasks)}
    <span class="flow-tasks truncate" title=${tasks.map(({ name }) => name).join(', ')}>
      ${tasks.map(({ name }) => name).join(' · ')}
    </span>`
}

function schedule({ schedule: planned }: FlowView, now: number): TemplateResult {
  if (planned === null) return html`<span class="faint">Started by hand</span>`
  const next = instant(planned.nextAt)
  return html`<span class="flow-schedule" title="${planned.cron} (${planned.timezone})">
    ${clockIcon}
    <span class="truncate">
      ${cronInWords(planned.cron)}${next === null ? nothing : html`<span class="faint" title=${formatInstant(next)}> · ${formatAhead(next - now)}</span>`}
    </span>
  </span>`
}

function place({ runsOn }: FlowView, workers: number): TemplateResult {
  if (runsOn === 'engine') return html`<span class="faint">Runs in the engine</span>`
  const label =
    workers > 0
      ? ({ word: `${plural(workers, 'worker')} online`, glyph: 'online', tone: 'ok' } as const)
      : ({ word: 'No worker online', glyph: 'retrying', tone: 'wait' } as const)
  return html`<span class="flow-place tone-${label.tone}">${glyph(label)}<span>${label.word}</span></span>`
}

function past({ name }: FlowView, runs: readonly RunView[], now: number): TemplateResult {
  const last = runs[0]
  if (last === undefined) return html`<span class="faint">Never run</span>`
  const recent = runs.slice(0, STRIP).toReversed()
  const at = instant(last.finishedAt) ?? instant(last.createdAt)
  return html`${runStrip(recent, now, `${name}: durations`)}
    <a class="flow-last" href="#/runs/${last.id}">
      <span class="hidden-text">Last run of ${name}: </span>
      ${status(runLabel(last), last.progress.percent / 100)}
      <span class="faint number"
        >${last.finishedAt === null ? `${String(Math.floor(last.progress.percent))}%` : formatAgo(now - at)}</span
      >
    </a>`
}
