import { css, type CSSResult } from 'lit'

/** Buttons, panels, tags, segmented groups and form fields. */
export const controls: CSSResult = css`
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 6px;
    height: 32px;
    padding: 0 12px;
    border-radius: var(--pf-radius-m);
    border: 1px solid var(--pf-line-strong);
    background: var(--pf-surface);
    font-weight: 500;
    white-space: nowrap;
    box-shadow: var(--pf-shadow);
    transition:
      background var(--pf-motion),
      border-color var(--pf-motion);
  }
  .button:hover:not(:disabled) {
    background: color-mix(in oklab, var(--pf-surface), var(--pf-fg) 4%);
  }
  .button:disabled {
    color: var(--pf-faint);
    box-shadow: none;
  }
  .button .icon {
    width: 14px;
    height: 14px;
  }
  .button-primary {
    background: var(--pf-fg);
    color: var(--pf-surface);
    border-color: transparent;
  }
  .button-primary:hover:not(:disabled) {
    background: color-mix(in oklab, var(--pf-fg), var(--pf-surface) 14%);
  }
  .button-primary:disabled {
    background: var(--pf-done);
    color: var(--pf-surface);
  }
  .button-danger:not(:disabled) {
    color: var(--pf-bad-fg);
  }
  .button-small {
    height: 28px;
    padding: 0 10px;
    font-size: 12px;
  }
  .icon-button {
    display: inline-grid;
    place-items: center;
    flex: none;
    width: 28px;
    height: 28px;
    border-radius: var(--pf-radius-s);
    color: var(--pf-muted);
    transition:
      background var(--pf-motion),
      color var(--pf-motion);
  }
  .icon-button:hover:not(:disabled) {
    background: var(--pf-hover);
    color: var(--pf-fg);
  }
  .icon-button:disabled {
    opacity: 0.4;
  }
  .icon-button[aria-pressed='true'] {
    background: var(--pf-active);
    color: var(--pf-fg);
  }
  .icon-button .icon {
    width: 15px;
    height: 15px;
  }
  .panel {
    background: var(--pf-surface);
    border: 1px solid var(--pf-line);
    border-radius: var(--pf-radius-l);
    box-shadow: var(--pf-shadow);
    min-width: 0;
  }
  .panel-head {
    display: flex;
    align-items: center;
    gap: 8px;
    min-height: 46px;
    padding: 0 10px 0 16px;
  }
  .panel-head h2,
  .panel-head h3 {
    font-size: 13px;
    font-weight: 600;
    letter-spacing: -0.005em;
  }
  .count {
    color: var(--pf-faint);
    font-variant-numeric: tabular-nums;
  }
  .tag {
    display: inline-flex;
    align-items: center;
    flex: none;
    height: 18px;
    padding: 0 6px;
    border-radius: 5px;
    font-size: 11px;
    font-weight: 500;
    border: 1px solid var(--pf-line-strong);
    color: var(--pf-muted);
    white-space: nowrap;
  }
  .tag-debug {
    border-style: dashed;
  }
  .segmented {
    display: inline-flex;
    border: 1px solid var(--pf-line-strong);
    border-radius: var(--pf-radius-s);
    background: var(--pf-surface);
  }
  .segmented > * {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    height: 26px;
    padding: 0 10px;
    font-size: 12px;
    font-weight: 500;
    color: var(--pf-muted);
    white-space: nowrap;
    cursor: pointer;
    transition: background var(--pf-motion);
  }
  .segmented > :hover {
    background: var(--pf-hover);
  }
  .segmented > :first-child {
    border-radius: 5px 0 0 5px;
  }
  .segmented > :last-child {
    border-radius: 0 5px 5px 0;
  }
  .segmented > * + * {
    border-inline-start: 1px solid var(--pf-line-strong);
  }
  .segmented > [aria-pressed='true'],
  .segmented > :has(:checked) {
    background: var(--pf-active);
    color: var(--pf-fg);
  }
  .segmented > :focus-visible,
  .segmented > :has(:focus-visible) {
    outline: 2px solid var(--pf-accent);
    outline-offset: 1px;
    z-index: 1;
  }
  @media (forced-colors: active) {
    .button,
    .panel,
    .segmented,
    .tag {
      border-color: CanvasText;
    }
    .segmented > [aria-pressed='true'],
    .segmented > :has(:checked),
    .button-primary {
      background: Highlight;
      color: HighlightText;
      forced-color-adjust: none;
    }
  }
`
