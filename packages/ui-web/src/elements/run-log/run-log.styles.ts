import { css, type CSSResult } from 'lit'

/** Layout of the log panel. */
export const runLogStyles: CSSResult = css`
  :host {
    display: block;
    container: page / inline-size;
  }
  .panel {
    overflow: clip;
  }
  .panel-head {
    padding-block: 8px;
    border-bottom: 1px solid var(--pf-line);
  }
  .log {
    position: relative;
    /* As high as its rows, within limits: five lines need no empty screen below them. */
    height: clamp(152px, var(--rows) * 18px + 17px, 400px);
  }
  .log-empty {
    position: absolute;
    inset: 0;
    display: grid;
    place-items: center;
    padding: 24px;
    color: var(--pf-faint);
    text-align: center;
    pointer-events: none;
  }
  .find {
    display: flex;
    align-items: center;
    gap: 2px;
  }
  .find .search {
    width: 190px;
  }
  .find .count {
    padding: 0 6px;
    font-size: 12px;
  }
  .tools {
    display: flex;
    gap: 2px;
  }
  .tag {
    max-width: 220px;
    gap: 4px;
    padding-inline-end: 2px;
    overflow: hidden;
    background: var(--pf-run-bg);
    border-color: transparent;
    color: var(--pf-run-fg);
  }
  .chip-close .icon {
    width: 12px;
    height: 12px;
  }
  @container page (max-width: 640px) {
    .panel-head {
      flex-wrap: wrap;
      padding: 10px 12px;
    }
    .find {
      order: 3;
      flex: 1 1 100%;
    }
    .find .search {
      flex: 1;
      width: auto;
    }
    .find .input {
      height: 34px;
    }
    .segmented {
      order: 4;
      width: 100%;
    }
    .segmented > * {
      flex: 1;
      height: 32px;
    }
    .icon-button {
      width: 34px;
      height: 34px;
    }
    .log {
      height: clamp(200px, var(--rows) * 18px + 17px, 460px);
    }
  }
`
