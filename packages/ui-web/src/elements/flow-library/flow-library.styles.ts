import { css, type CSSResult } from 'lit'

/** Layout of the library: five columns, two below 900 px, one below 640 px. */
export const flowLibraryStyles: CSSResult = css`
  :host {
    display: block;
    container: page / inline-size;
  }
  .search {
    width: 240px;
    margin-inline-start: -4px;
  }
  .count {
    padding-inline-end: 6px;
  }
  .flow {
    display: grid;
    grid-template-columns: minmax(0, 1.5fr) minmax(0, 1.1fr) minmax(0, 1fr) 148px auto;
    align-items: center;
    gap: 4px 28px;
    min-height: 88px;
    padding: 14px 16px;
    border-top: 1px solid var(--pf-line-soft);
    transition: background var(--pf-motion);
  }
  .flow:hover {
    background: color-mix(in oklab, var(--pf-hover) 50%, transparent);
  }
  .flow h2 {
    display: flex;
    align-items: center;
    gap: 8px;
    font-size: 14px;
    font-weight: 600;
    letter-spacing: -0.012em;
  }
  .flow h2 a:hover {
    text-decoration: underline;
    text-underline-offset: 3px;
    text-decoration-color: var(--pf-line-strong);
  }
  .flow-description {
    display: -webkit-box;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
    overflow: hidden;
    margin-top: 2px;
    color: var(--pf-muted);
    text-wrap: pretty;
  }
  .flow-plan,
  .flow-when,
  .flow-past {
    display: grid;
    gap: 6px;
    min-width: 0;
    font-size: 12px;
  }
  .flow-when {
    gap: 3px;
    font-size: 13px;
  }
  .flow-when > .faint {
    font-size: 12px;
  }
  .flow-tasks {
    font-size: 11px;
    color: var(--pf-faint);
  }
  .flow-schedule,
  .flow-place {
    display: flex;
    align-items: center;
    gap: 7px;
    min-width: 0;
  }
  .flow-schedule .icon {
    width: 14px;
    height: 14px;
    color: var(--pf-faint);
  }
  .flow-place {
    font-size: 12px;
    color: var(--tone-fg);
  }
  .flow-place .glyph {
    width: 14px;
    height: 14px;
  }
  .flow-past {
    justify-items: end;
  }
  .flow-last {
    display: flex;
    align-items: center;
    gap: 8px;
    white-space: nowrap;
  }
  .flow-last .status {
    gap: 5px;
  }
  .flow-last .glyph {
    width: 14px;
    height: 14px;
  }
  .flow-last:hover .status {
    text-decoration: underline;
    text-underline-offset: 3px;
    text-decoration-color: var(--pf-line-strong);
  }
  @container page (max-width: 960px) {
    .flow {
      grid-template-columns: minmax(0, 1fr) minmax(0, 1fr) auto;
      gap: 12px 24px;
    }
    .flow-about {
      grid-area: 1 / 1 / 2 / 3;
    }
    .flow .button {
      grid-area: 1 / 3;
      justify-self: end;
    }
    .flow-plan {
      grid-area: 2 / 1;
    }
    .flow-when {
      grid-area: 2 / 2;
    }
    .flow-past {
      grid-area: 2 / 3;
    }
  }
  @container page (max-width: 640px) {
    .search {
      flex: 1;
      width: auto;
    }
    .panel-head .spacer {
      display: none;
    }
    .flow {
      grid-template-columns: minmax(0, 1fr) auto;
      gap: 12px 16px;
    }
    .flow-about {
      grid-area: 1 / 1 / 2 / 3;
      padding-inline-end: 92px;
    }
    .flow .button {
      grid-area: 1 / 2;
      align-self: start;
      height: 36px;
    }
    .flow-plan {
      grid-area: 2 / 1 / 3 / 3;
    }
    .flow-when {
      grid-area: 3 / 1;
    }
    .flow-past {
      grid-area: 3 / 2;
    }
    .flow-past .strip {
      display: none;
    }
  }
`
