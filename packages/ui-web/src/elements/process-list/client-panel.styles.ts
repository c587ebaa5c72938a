import { css, type CSSResult } from 'lit'

/** Layout of a client process. */
export const clientPanelStyles: CSSResult = css`
  :host {
    display: block;
    container: page / inline-size;
  }
  .panel {
    overflow: clip;
  }
  .panel-head {
    min-height: 52px;
    padding-inline-end: 12px;
  }
  .panel-head h2 {
    font-size: 14px;
    font-weight: 600;
    letter-spacing: -0.012em;
  }
  .commands {
    display: flex;
    gap: 8px;
    margin-inline-start: 4px;
  }
  .button {
    min-width: 76px;
  }
  .facts {
    display: flex;
    flex-wrap: wrap;
    gap: 8px 28px;
    padding: 0 16px 14px;
  }
  .facts dt {
    font-size: 12px;
    color: var(--pf-faint);
  }
  .facts dd {
    font-weight: 500;
    font-variant-numeric: tabular-nums;
  }
  .facts .bad {
    color: var(--pf-bad-fg);
  }
  .refusal {
    padding: 0 16px 12px;
    font-size: 12px;
    color: var(--pf-bad-fg);
  }
  .log {
    position: relative;
    border-top: 1px solid var(--pf-line);
    background: var(--pf-surface);
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
  @container page (max-width: 640px) {
    .panel-head {
      flex-wrap: wrap;
      padding: 12px 12px 8px 16px;
    }
    .panel-head :is(.mono, .icon-button) {
      display: none;
    }
    .button {
      height: 36px;
    }
    .facts {
      display: grid;
      grid-template-columns: 1fr 1fr;
    }
  }
`
