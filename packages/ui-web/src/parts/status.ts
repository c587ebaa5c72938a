import { css, html, svg, type CSSResult, type TemplateResult } from 'lit'

import type { GlyphName, StateLabel } from '../text/strings.ts'

/*
 * Status: always a glyph and its word. The shape of the glyph carries the meaning, its colour only repeats it.
 */

const ARC = 2 * Math.PI * 5.5

function shape(name: GlyphName, fraction: number): TemplateResult {
  switch (name) {
    case 'succeeded':
      return svg`<circle class="fill" cx="8" cy="8" r="6.5" /><path class="sign" d="m5.2 8.2 1.9 1.9 3.7-4" />`
    case 'failed':
      return svg`<path class="fill" d="M5.4 1.7h5.2l3.7 3.7v5.2l-3.7 3.7H5.4l-3.7-3.7V5.4z" /><path class="sign" d="m6 6 4 4m0-4-4 4" />`
    case 'running': {
      const dash = `${(ARC * Math.max(0.06, fraction)).toFixed(2)} 99`
      return svg`<circle class="track" cx="8" cy="8" r="5.5" /><circle class="arc" cx="8" cy="8" r="5.5" stroke-dasharray=${dash} transform="rotate(-90 8 8)" />`
    }
    case 'retrying':
      return svg`<path class="line" d="M8 2.3 14.2 13H1.8z" /><path class="line" d="M8 6.6v2.6m0 1.9v.1" />`
    case 'waiting':
      return svg`<circle class="line" cx="8" cy="8" r="6" /><path class="line" d="M6.6 6v4M9.4 6v4" />`
    case 'scheduled':
      return svg`<circle class="line" cx="8" cy="8" r="6" /><path class="line" d="M8 5v3.2l2 1.2" />`
    case 'cancelled':
      return svg`<rect class="line" x="2.2" y="2.2" width="11.6" height="11.6" rx="3" /><path class="line" d="m5.8 10.2 4.4-4.4" />`
    case 'online':
      return svg`<circle class="ring" cx="8" cy="8" r="6.5" /><circle class="fill" cx="8" cy="8" r="3.5" />`
    case 'offline':
      return svg`<circle class="line" cx="8" cy="8" r="3.8" />`
    case 'pending':
      return svg`<circle class="line dotted" cx="8" cy="8" r="5.5" />`
  }
}

/** Only the glyph, for places where the word stands beside it. `fraction` fills the arc of something that runs. */
export function glyph({ glyph: name, tone }: StateLabel, fraction = 0.3): TemplateResult {
  return html`<svg class="glyph tone-${tone}" viewBox="0 0 16 16" aria-hidden="true">${shape(name, fraction)}</svg>`
}

/** Only the glyph, for cells too narrow for a word: the word is its accessible name and tooltip. */
export function lonelyGlyph(label: StateLabel, fraction = 0.3): TemplateResult {
  return html`<span class="lonely" role="img" aria-label=${label.word} title=${label.word}
    >${glyph(label, fraction)}</span
  >`
}

/** Glyph and word in plain text. */
export function status(label: StateLabel, fraction?: number): TemplateResult {
  return html`<span class="status">${glyph(label, fraction)}<span>${label.word}</span></span>`
}

/** Glyph and word on a tinted ground, for headings. */
export function statusPill(label: StateLabel, fraction?: number): TemplateResult {
  return html`<span class="pill tone-${label.tone}">${glyph(label, fraction)}<span>${label.word}</span></span>`
}

/** Styles of the templates above. */
export const statusStyles: CSSResult = css`
  .tone-run {
    --tone: var(--pf-run);
    --tone-fg: var(--pf-run-fg);
    --tone-bg: var(--pf-run-bg);
  }
  .tone-ok {
    --tone: var(--pf-ok);
    --tone-fg: var(--pf-ok-fg);
    --tone-bg: var(--pf-ok-bg);
  }
  .tone-bad {
    --tone: var(--pf-bad);
    --tone-fg: var(--pf-bad-fg);
    --tone-bg: var(--pf-bad-bg);
  }
  .tone-wait {
    --tone: var(--pf-wait);
    --tone-fg: var(--pf-wait-fg);
    --tone-bg: var(--pf-wait-bg);
  }
  .tone-idle {
    --tone: var(--pf-idle);
    --tone-fg: var(--pf-muted);
    --tone-bg: var(--pf-idle-bg);
  }
  .glyph {
    display: block;
    flex: none;
    width: 16px;
    height: 16px;
    fill: none;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  .glyph .fill {
    fill: var(--tone);
  }
  .glyph .sign {
    stroke: var(--pf-surface);
    stroke-width: 1.7;
  }
  .glyph .track {
    stroke: var(--pf-track);
    stroke-width: 2;
  }
  .glyph .arc {
    stroke: var(--tone);
    stroke-width: 2.2;
    stroke-linecap: butt;
    transition: stroke-dasharray 0.3s linear;
  }
  .glyph .line {
    stroke: var(--tone);
    stroke-width: 1.5;
  }
  .glyph .ring {
    fill: var(--tone-bg);
  }
  .glyph .dotted {
    stroke-width: 1.4;
    stroke-dasharray: 2 2.3;
  }
  .lonely {
    display: inline-flex;
  }
  .status {
    display: inline-flex;
    align-items: center;
    gap: 8px;
    min-width: 0;
    max-width: 100%;
    vertical-align: middle;
    white-space: nowrap;
  }
  .status > span {
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .pill {
    display: inline-flex;
    align-items: center;
    flex: none;
    gap: 6px;
    height: 22px;
    padding: 0 9px 0 5px;
    border-radius: 11px;
    font-size: 12px;
    font-weight: 500;
    white-space: nowrap;
    background: var(--tone-bg);
    color: var(--tone-fg);
  }
  .pill .glyph {
    width: 14px;
    height: 14px;
  }
  .pill .sign {
    stroke: var(--pf-bg);
  }
  @media (forced-colors: active) {
    .glyph {
      forced-color-adjust: none;
      --tone: CanvasText;
      --pf-surface: Canvas;
      --pf-bg: Canvas;
      --pf-track: GrayText;
    }
    .pill {
      border: 1px solid CanvasText;
    }
  }
`
