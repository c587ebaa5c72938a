import { css, type CSSResult } from 'lit'

/** Styles of the table of runs. Below 640 px of its page a row becomes two lines. */
export const runTableStyles: CSSResult = css`
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
    height: 38px;
    padding: 0 8px;
    border-bottom: 1px solid var(--pf-line-soft);
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  tbody tr {
    position: relative;
    transition: background var(--pf-motion);
  }
  tbody tr:last-child td {
    border-bottom: 0;
  }
  tbody tr:hover {
    background: var(--pf-hover);
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
  th.column-status {
    width: var(--status-width, 128px);
  }
  th.column-trigger {
    width: 23%;
  }
  th.column-duration {
    width: 22%;
  }
  th.column-end {
    width: 92px;
  }
  .column-end {
    color: var(--pf-muted);
  }
  .column-end .percent {
    color: var(--pf-run-fg);
    font-size: 14px;
  }
  .flow-name {
    display: flex;
    align-items: center;
    gap: 8px;
    min-width: 0;
  }
  .flow-name .mono {
    flex: 0 1000 auto;
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .flow-name a,
  .flow-name a span {
    display: block;
    min-width: 0;
  }
  .column-error {
    font-size: 12px;
    color: var(--pf-bad-fg);
  }
  .row-link {
    font-weight: 500;
  }
  .row-link::after {
    content: '';
    position: absolute;
    inset: 0;
  }
  .row-link:focus-visible {
    outline: none;
  }
  .row-link:focus-visible::after {
    outline: 2px solid var(--pf-accent);
    outline-offset: -2px;
    border-radius: var(--pf-radius-s);
  }
  .duration {
    display: grid;
    grid-template-columns: 58px minmax(0, 1fr);
    align-items: center;
    gap: 8px;
  }
  .duration .bar {
    height: 6px;
  }
  .duration .left {
    grid-column: 2;
    margin-top: -5px;
    font-size: 11px;
    line-height: 1.2;
  }
  .duration:has(.left) > .number {
    grid-row: span 2;
  }
  .duration-track {
    position: relative;
    height: 6px;
  }
  .duration-track i {
    position: absolute;
    inset: 0 auto 0 0;
    border-radius: 3px;
    background: var(--pf-chart);
  }
  .duration-track i.bad {
    background: var(--pf-bad);
  }
  .duration-track b {
    position: absolute;
    top: -3px;
    bottom: -3px;
    width: 1.5px;
    border-radius: 1px;
    background: var(--pf-fg);
    opacity: 0.55;
  }
  @container page (max-width: 820px) {
    .flow-name .mono {
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
      border-bottom: 1px solid var(--pf-line-soft);
    }
    tbody tr:last-child {
      border-bottom: 0;
    }
    tbody td,
    tbody td:first-child,
    tbody td:last-child {
      display: block;
      height: auto;
      padding: 0;
      border: 0;
    }
    .column-flow {
      grid-area: 1 / 1;
      font-size: 14px;
    }
    .column-status {
      grid-area: 2 / 1;
      font-size: 12px;
      color: var(--pf-muted);
    }
    .column-status .glyph {
      width: 14px;
      height: 14px;
    }
    .column-duration {
      grid-area: 1 / 2;
    }
    .column-end {
      grid-area: 2 / 2;
      font-size: 12px;
      text-align: end;
    }
    .column-trigger {
      display: none !important;
    }
    .column-error {
      grid-column: 1 / -1;
      white-space: normal;
    }
    .duration {
      grid-template-columns: auto;
      justify-content: end;
    }
    .duration > :not(:first-child) {
      display: none;
    }
  }
`
