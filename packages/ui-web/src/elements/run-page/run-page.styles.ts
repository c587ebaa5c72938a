import { css, type CSSResult } from 'lit'

/** Layout of the run page. */
export const runPageStyles: CSSResult = css`
  :host {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 20px;
    container: page / inline-size;
  }
  .layout {
    display: grid;
    grid-template-columns: minmax(0, 1fr) 288px;
    align-items: start;
    gap: 20px;
  }
  .main,
  .side {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 20px;
  }
  .tabs {
    display: none;
  }
  .run-error {
    display: flex;
    gap: 12px;
    padding: 14px 16px;
    border-color: color-mix(in oklab, var(--pf-bad) 40%, var(--pf-line));
    background: color-mix(in oklab, var(--pf-bad) 5%, var(--pf-surface));
  }
  .run-error .glyph {
    margin-top: 1px;
  }
  .run-error div {
    min-width: 0;
    overflow-wrap: anywhere;
  }
  .run-error p {
    white-space: pre-wrap;
  }
  .run-error p:first-child {
    font-weight: 500;
    color: var(--pf-bad-fg);
  }
  .missing .button {
    margin-top: 14px;
  }
  @container page (max-width: 940px) {
    .layout {
      grid-template-columns: minmax(0, 1fr);
    }
  }
  @container page (max-width: 640px) {
    .tabs {
      display: flex;
      gap: 4px;
      margin: -4px -16px 0;
      padding: 0 12px;
      border-bottom: 1px solid var(--pf-line);
    }
    .tabs button {
      height: 42px;
      padding: 0 10px;
      border-bottom: 2px solid transparent;
      font-weight: 500;
      color: var(--pf-muted);
    }
    .tabs button[aria-selected='true'] {
      border-color: var(--pf-fg);
      color: var(--pf-fg);
    }
    .tabs button:focus-visible {
      outline-offset: -4px;
    }
    [data-tab='timeline'] :is(#panel-logs, .side),
    [data-tab='logs'] :is(#panel-timeline, .side),
    [data-tab='details'] .main {
      display: none;
    }
  }
`
