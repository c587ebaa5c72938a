import { css, type CSSResult } from 'lit'

/** Layout of the list of runs. */
export const runHistoryStyles: CSSResult = css`
  :host {
    display: block;
    --status-width: 172px;
    container: page / inline-size;
  }
  .panel {
    position: relative;
    overflow: clip;
  }
  .panel-head {
    padding-inline: 12px;
    border-bottom: 1px solid var(--pf-line);
  }
  .panel-head .select {
    width: 190px;
  }
  .waiting {
    position: absolute;
    z-index: 2;
    top: 54px;
    left: 50%;
    translate: -50% 0;
    border-radius: 14px;
    background: var(--pf-run);
    border-color: transparent;
    color: var(--pf-surface);
    box-shadow: var(--pf-shadow-lift);
  }
  .waiting:hover:not(:disabled) {
    background: var(--pf-run-fg);
  }
  .load-more {
    display: grid;
    justify-items: center;
    padding: 14px;
    border-top: 1px solid var(--pf-line-soft);
  }
  .empty-body .button {
    margin-top: 12px;
  }
  @container page (max-width: 640px) {
    .panel-head {
      flex-wrap: wrap;
      padding: 12px;
    }
    .segmented {
      width: 100%;
      overflow-x: auto;
    }
    .segmented > * {
      flex: 1;
      height: 32px;
      padding: 0 8px;
    }
    .segmented > :focus-visible {
      outline-offset: -2px;
    }
    .panel-head .select {
      width: 100%;
    }
    .panel-head select {
      height: 34px;
    }
    .waiting {
      top: 104px;
    }
  }
`
