import type { ClientView, WorkerView } from '@perfect/core'
import { css, html, nothing, type CSSResult, type TemplateResult } from 'lit'

import { failure } from '../../parts/panel-states.ts'
import { lonelyGlyph } from '../../parts/status.ts'
import type { DashboardState } from '../../state/dashboard-state.ts'
import { clientLabel, plural, workerLabel } from '../../text/strings.ts'
import { formatTicking, instant } from '../../text/time.ts'

/** Client processes and workers in a few lines; absent when there is neither. */
export function processSummary(state: DashboardState, now: number, retry: () => void): TemplateResult {
  const clients = [...state.clients.values()]
  const workers = [...state.workers.values()]
  const error = state.errors.get('clients')
  if (error === undefined && clients.length + workers.length === 0) return html``
  return html`<section class="panel" aria-labelledby="processes">
    <div class="panel-head">
      <h2 id="processes">Processes</h2>
      <span class="count">${String(clients.length + workers.length)}</span>
      <span class="spacer"></span>
      <a class="more" href="#/processes">Open</a>
    </div>
    ${error === undefined ? nothing : failure(error, 'Processes', retry)}
    <ul>
      ${clients.map((client) => clientRow(client, now))} ${workers.map(workerRow)}
    </ul>
  </section>`
}

function clientRow({ name, status, pid, startedAt }: ClientView, now: number): TemplateResult {
  const label = clientLabel(status)
  const start = instant(startedAt)
  const uptime = status === 'running' && start !== null ? formatTicking(now - start) : ''
  return html`<li class="process">
    ${lonelyGlyph(label)}
    <div class="truncate"><b>${name}</b><small>${pid === null ? label.word : `Process ${String(pid)}`}</small></div>
    <span class="number muted">${uptime}</span>
  </li>`
}

function workerRow({ name, status, slots, busy, flows }: WorkerView): TemplateResult {
  return html`<li class="process">
    ${lonelyGlyph(workerLabel(status))}
    <div class="truncate"><b>${name}</b><small>Worker · ${plural(flows.length, 'flow')}</small></div>
    <span class="number muted">${String(busy)} of ${plural(slots, 'slot')}</span>
  </li>`
}

/** Styles of the rows. */
export const processSummaryStyles: CSSResult = css`
  .process {
    display: grid;
    grid-template-columns: 16px minmax(0, 1fr) auto;
    align-items: center;
    gap: 10px;
    min-height: 46px;
    padding: 4px 16px;
    border-top: 1px solid var(--pf-line-soft);
  }
  .process b {
    display: block;
    font-weight: 500;
    line-height: 1.3;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .process small {
    font-size: 11.5px;
    color: var(--pf-faint);
  }
  .process > .number {
    font-size: 12px;
  }
`
