import { css, type CSSResult } from 'lit'

/*
 * Design tokens. One rule runs through all of them: chrome is ink on paper, colour always means state.
 * Every colour is `light-dark()`, so `color-scheme` alone switches the theme. Hosts override any `--pf-*`.
 */

/** Colours, type, radii and motion. Set on the outermost element; custom properties reach every nested one. */
export const tokens: CSSResult = css`
  :host {
    --pf-font: 'Inter', ui-sans-serif, system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif;
    --pf-mono: 'JetBrains Mono', ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;

    --pf-bg: light-dark(oklch(0.976 0.002 95), oklch(0.158 0.006 270));
    --pf-surface: light-dark(#fff, oklch(0.192 0.007 270));
    --pf-raised: light-dark(#fff, oklch(0.228 0.008 270));
    --pf-sunken: light-dark(oklch(0.962 0.003 95), oklch(0.174 0.006 270));
    --pf-fg: light-dark(oklch(0.225 0.012 270), oklch(0.945 0.004 270));
    --pf-muted: light-dark(oklch(0.475 0.013 270), oklch(0.715 0.012 270));
    --pf-faint: light-dark(oklch(0.53 0.012 270), oklch(0.645 0.012 270));
    --pf-line: light-dark(oklch(0.915 0.004 270), oklch(0.272 0.009 270));
    --pf-line-soft: color-mix(in oklab, var(--pf-line) 60%, transparent);
    --pf-line-strong: light-dark(oklch(0.865 0.006 270), oklch(0.345 0.012 270));
    --pf-control-line: light-dark(oklch(0.66 0.012 270), oklch(0.52 0.012 270));
    --pf-track: light-dark(oklch(0.925 0.005 270), oklch(0.285 0.01 270));
    --pf-hover: light-dark(oklch(0.225 0.012 270 / 0.045), oklch(0.945 0.004 270 / 0.055));
    --pf-active: light-dark(oklch(0.225 0.012 270 / 0.075), oklch(0.945 0.004 270 / 0.09));
    --pf-accent: var(--pf-run);

    --pf-run: light-dark(oklch(0.555 0.2 264), oklch(0.685 0.16 264));
    --pf-ok: light-dark(oklch(0.585 0.125 160), oklch(0.735 0.14 160));
    --pf-bad: light-dark(oklch(0.575 0.205 22), oklch(0.685 0.185 20));
    --pf-wait: light-dark(oklch(0.62 0.135 64), oklch(0.79 0.14 76));
    --pf-idle: light-dark(oklch(0.6 0.012 270), oklch(0.6 0.012 270));
    --pf-done: color-mix(in oklab, var(--pf-fg) 36%, var(--pf-surface));
    --pf-chart: color-mix(in oklab, var(--pf-fg) 27%, var(--pf-surface));

    --pf-run-fg: light-dark(oklch(0.48 0.2 264), oklch(0.77 0.12 264));
    --pf-ok-fg: light-dark(oklch(0.46 0.105 160), oklch(0.79 0.13 160));
    --pf-bad-fg: light-dark(oklch(0.5 0.19 22), oklch(0.76 0.14 20));
    --pf-wait-fg: light-dark(oklch(0.49 0.11 62), oklch(0.84 0.12 78));
    --pf-run-bg: color-mix(in oklab, var(--pf-run) 11%, transparent);
    --pf-ok-bg: color-mix(in oklab, var(--pf-ok) 12%, transparent);
    --pf-bad-bg: color-mix(in oklab, var(--pf-bad) 11%, transparent);
    --pf-wait-bg: color-mix(in oklab, var(--pf-wait) 15%, transparent);
    --pf-idle-bg: var(--pf-active);

    --pf-radius-s: 6px;
    --pf-radius-m: 8px;
    --pf-radius-l: 12px;
    --pf-shadow: light-dark(0 1px 2px oklch(0.2 0.02 270 / 0.05), 0 0 0 transparent);
    --pf-shadow-lift: light-dark(0 4px 14px oklch(0.2 0.02 270 / 0.07), 0 0 0 transparent);
    --pf-shadow-dialog: 0 30px 80px oklch(0.1 0.02 270 / 0.35);
    --pf-motion: 0.16s cubic-bezier(0.2, 0.7, 0.2, 1);
  }
`

/** What an outermost element needs besides the tokens: its colour scheme and its own background and type. */
export const theme: CSSResult = css`
  :host {
    color-scheme: light dark;
    color: var(--pf-fg);
    font-family: var(--pf-font);
    font-size: 13px;
    line-height: 1.45;
    text-align: start;
    -webkit-font-smoothing: antialiased;
    font-feature-settings: 'cv11', 'ss03';
  }
  :host([theme='light']) {
    color-scheme: light;
  }
  :host([theme='dark']) {
    color-scheme: dark;
  }
`
