import type { FlowView, WorkerView } from '@perfect/core'
import { css, html, type CSSResult, type TemplateResult } from 'lit'

import { cssProperties } from '../../parts/css-properties.ts'
import { status } from '../../parts/status.ts'
import { workerLabel } from '../../text/strings.ts'
import { formatAgo, formatInstant, formatTicking, instant } from '../../text/time.ts'

/** The connected workers as a table. */
export function workerTable(
  workers: readonly WorkerView[],
  flows: ReadonlyMap<string, FlowView>,
  now: number,
): TemplateResult {
  return html`<table role="table" aria-label="Workers">
    <thead role="rowgroup">
      <tr role="row">
        <th role="columnheader" class="column-state">Status</th>
        <th role="columnheader">Worker</th>
        <th role="columnheader" class="column-flows">Flows</th>
        <th role="columnheader" class="column-slots">Slots</th>
        <th role="columnheader" class="column-since">Connected</th>
        <th role="columnheader" class="column-seen">Last sign of life</th>
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${workers.map((worker) => row(worker, flows, now))}
    </tbody>
  </table>`
}

function row(worker: WorkerView, flows: ReadonlyMap<string, FlowView>, now: number): TemplateResult {
  const names = worker.flows.map((id) => flows.get(id)?.name ?? id).join(', ')
  const connected = instant(worker.connectedAt)
  const seen = instant(worker.lastSeenAt)
  const share = worker.slots === 0 ? 0 : worker.busy / worker.slots
  return html`<tr role="row">
    <td role="cell" class="column-state">${status(workerLabel(worker.status))}</td>
    <td role="cell" class="column-name" title=${worker.id}>
      <b>${worker.name}</b>
      <span class="faint">${worker.sdk} · ${worker.carrier === 'websocket' ? 'WebSocket' : 'HTTP'}</span>
    </td>
    <td role="cell" class="column-flows muted" title=${names}>${names}</td>
    <td role="cell" class="column-slots number">
      <span class="slots">
        ${String(worker.busy)} of ${String(worker.slots)}
        <i><b ${cssProperties({ width: `${String(Math.round(share * 100))}%` })}></b></i>
      </span>
    </td>
    <td role="cell" class="column-since number muted" title=${formatInstant(connected)}>
      ${formatTicking(now - connected)}
    </td>
    <td role="cell" class="column-seen number muted" title=${formatInstant(seen)}>${formatAgo(now - seen)}</td>
  </tr>`
}

/** Styles of the table. */
export const workerTableStyles: CSSResult = css`
  table {
    width: 100%;
    border-collapse: collapse;
    table-layout: fixed;
  }
  th {
    height: 32px;
    padding: 0 8px;
    border-bottom: 1px solid var(--pf-line);
    font-size: 12px;
    font-weight: 400;
    text-align: start;
    color: var(--pf-faint);
  }
  td {
    height: 42px;
    padding: 0 8px;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  tbody tr + tr td {
    border-top: 1px solid var(--pf-line-soft);
  }
  td b {
    font-weight: 500;
  }
  th:first-child,
  td:first-child {
    padding-inline-start: 16px;
  }
  th:last-child,
  td:last-child {
    padding-inline-end: 16px;
    text-align: end;
  }
  .column-state {
    width: 140px;
  }
  .column-slots {
    width: 130px;
  }
  .column-since {
    width: 110px;
  }
  .column-seen {
    width: 140px;
  }
  .slots {
    display: grid;
    grid-template-columns: 44px 40px;
    align-items: center;
    gap: 8px;
  }
  .slots i {
    height: 4px;
    overflow: hidden;
    border-radius: 2px;
    background: var(--pf-track);
  }
  .slots i b {
    display: block;
    height: 100%;
    background: var(--pf-run);
  }
  @container page (max-width: 900px) {
    .column-flows,
    .column-since {
      display: none;
    }
  }
  @container page (max-width: 640px) {
    table,
    tbody {
      display: block;
    }
    thead {
      display: none;
    }
    tbody tr {
      display: grid;
      grid-template-columns: minmax(0, 1fr) auto;
      gap: 3px 12px;
      padding: 10px 16px;
      border-top: 1px solid var(--pf-line-soft);
    }
    tbody td {
      display: block;
      width: auto;
      height: auto;
      padding: 0 !important;
      border: 0 !important;
      font-size: 12px;
    }
    .column-name {
      grid-area: 1 / 1;
      font-size: 13px;
    }
    .column-state {
      grid-area: 2 / 1;
    }
    .column-slots {
      grid-area: 1 / 2;
    }
    .column-seen {
      grid-area: 2 / 2;
    }
    .column-flows,
    .column-since {
      display: none;
    }
  }
`
