import { css, type CSSResult } from 'lit'

/** Look of log rows. The palette maps the terminal's colours to the tokens, so that both themes stay readable. */
export const logViewStyles: CSSResult = css`
  :host {
    position: relative;
    display: block;
    height: 100%;
    min-height: 0;
    font: 12px/18px var(--pf-mono);
    font-feature-settings: normal;
    --ansi-0: var(--pf-muted);
    --ansi-1: var(--pf-bad-fg);
    --ansi-2: var(--pf-ok-fg);
    --ansi-3: var(--pf-wait-fg);
    --ansi-4: var(--pf-run-fg);
    --ansi-5: light-dark(oklch(0.5 0.16 320), oklch(0.78 0.12 320));
    --ansi-6: light-dark(oklch(0.48 0.09 220), oklch(0.8 0.09 210));
    --ansi-7: var(--pf-fg);
    --ansi-8: var(--pf-faint);
  }
  .view {
    position: absolute;
    inset: 0;
    padding-block: 8px;
    overflow: auto;
    overflow-anchor: none;
    scrollbar-width: thin;
    scrollbar-color: var(--pf-line-strong) transparent;
  }
  .view:focus-visible {
    outline-offset: -2px;
  }
  .content {
    position: relative;
    contain: layout style;
  }
  .row {
    position: absolute;
    top: 0;
    left: 0;
    width: max-content;
    min-width: 100%;
    height: 18px;
    padding-inline: 0 16px;
    white-space: pre;
    contain: layout style;
  }
  .row > span {
    display: inline-block;
    vertical-align: top;
    height: 18px;
  }
  .number {
    width: 52px;
    padding-inline-end: 14px;
    text-align: end;
    color: var(--pf-faint);
    user-select: none;
  }
  .time {
    min-width: 13.4ch;
    padding-inline-end: 1ch;
    color: var(--pf-faint);
  }
  .level {
    min-width: 6.4ch;
    padding-inline-end: 1ch;
    color: var(--pf-faint);
  }
  .task {
    margin-inline-end: 1.4ch;
    color: var(--pf-ok-fg);
  }
  .level-info .level {
    color: var(--pf-run-fg);
  }
  .level-warn {
    background: color-mix(in oklab, var(--pf-wait) 8%, transparent);
  }
  .level-warn .level,
  .level-stderr .level {
    color: var(--pf-wait-fg);
  }
  .level-error {
    background: color-mix(in oklab, var(--pf-bad) 9%, transparent);
    box-shadow: inset 2px 0 var(--pf-bad);
  }
  .level-error .level {
    color: var(--pf-bad-fg);
  }
  .level-debug .text,
  .level-system .text {
    color: var(--pf-muted);
  }
  .marked {
    background: var(--pf-active);
    box-shadow: inset 2px 0 var(--pf-fg);
  }
  .bold {
    font-weight: 700;
  }
  .dim {
    opacity: 0.75;
  }
  .italic {
    font-style: italic;
  }
  .underlined {
    text-decoration: underline;
  }
  .struck {
    text-decoration: line-through;
  }
  .inverse {
    background: var(--pf-fg);
    color: var(--pf-surface);
  }
  .fg-0 {
    color: var(--ansi-0);
  }
  .fg-1,
  .fg-9 {
    color: var(--ansi-1);
  }
  .fg-2,
  .fg-10 {
    color: var(--ansi-2);
  }
  .fg-3,
  .fg-11 {
    color: var(--ansi-3);
  }
  .fg-4,
  .fg-12 {
    color: var(--ansi-4);
  }
  .fg-5,
  .fg-13 {
    color: var(--ansi-5);
  }
  .fg-6,
  .fg-14 {
    color: var(--ansi-6);
  }
  .fg-7,
  .fg-15 {
    color: var(--ansi-7);
  }
  .fg-8 {
    color: var(--ansi-8);
  }
  .bg-1,
  .bg-9 {
    background: var(--pf-bad-bg);
  }
  .bg-2,
  .bg-10 {
    background: var(--pf-ok-bg);
  }
  .bg-3,
  .bg-11 {
    background: var(--pf-wait-bg);
  }
  .bg-4,
  .bg-12 {
    background: var(--pf-run-bg);
  }
  .bg-0,
  .bg-5,
  .bg-6,
  .bg-7,
  .bg-8,
  .bg-13,
  .bg-14,
  .bg-15 {
    background: var(--pf-active);
  }
  ::highlight(perfect-find) {
    background: light-dark(oklch(0.88 0.15 92), oklch(0.5 0.11 88));
    color: var(--pf-fg);
  }
  :host(.compact) .number {
    display: none;
  }
  :host(.compact) .row {
    padding-inline-start: 16px;
  }
  @container page (max-width: 640px) {
    .row {
      font-size: 11px;
      padding-inline-start: 12px !important;
    }
    .number {
      display: none !important;
    }
  }
`
