import { css, type CSSResult } from 'lit'

/** Layout of the overview. */
export const homePageStyles: CSSResult = css`
  :host {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 22px;
    container: page / inline-size;
  }
  .verdict {
    min-height: 30px;
    margin-top: 2px;
    font-size: 22px;
    line-height: 1.32;
    letter-spacing: -0.026em;
    color: var(--pf-faint);
    text-wrap: pretty;
  }
  .verdict b {
    font-weight: 600;
    color: var(--pf-fg);
  }
  .verdict a {
    white-space: nowrap;
    color: var(--pf-bad-fg);
    text-decoration: underline;
    text-decoration-thickness: 1px;
    text-underline-offset: 4px;
    text-decoration-color: color-mix(in oklab, currentColor 35%, transparent);
  }
  .verdict a:hover {
    text-decoration-color: currentColor;
  }
  .section-head {
    display: flex;
    align-items: baseline;
    gap: 8px;
    margin-bottom: 10px;
  }
  .section-head h2 {
    font-size: 14px;
    font-weight: 600;
    letter-spacing: -0.012em;
  }
  .section-head a,
  .more,
  .note {
    font-size: 12px;
    color: var(--pf-muted);
  }
  .note {
    padding-inline-end: 6px;
    color: var(--pf-faint);
  }
  .more {
    padding: 4px 6px;
  }
  .section-head a:hover,
  .more:hover {
    color: var(--pf-fg);
  }
  .columns {
    display: grid;
    grid-template-columns: minmax(0, 2.1fr) minmax(300px, 1fr);
    align-items: start;
    gap: 20px;
  }
  .stack {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 20px;
  }
  .panel {
    overflow: hidden;
  }
  .recent .flow-name .mono {
    display: none;
  }
  .cards .panel {
    overflow: visible;
  }
  @container page (max-width: 960px) {
    .columns {
      grid-template-columns: minmax(0, 1fr);
    }
  }
  @container page (max-width: 640px) {
    .verdict {
      font-size: 19px;
    }
  }
`
