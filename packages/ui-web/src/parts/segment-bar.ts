import type { SegmentView } from '@perfect/core'
import { css, html, nothing, type CSSResult, type TemplateResult } from 'lit'

import { cssProperties } from './css-properties.ts'

/*
 * The signature of Perfect: one segment per task, as wide as its weight. Done is solid, running is partly filled, pending is track.
 */

/** What a segment bar shows. */
export interface SegmentBarOptions {
  readonly segments: readonly SegmentView[]
  /** Unit: percent. Range: 0..100. */
  readonly percent: number
  /** Accessible name, for example `nightly-ingest progress`. */
  readonly label: string
  /** `live` is coloured; `ended` is neutral, because a run that is over needs no attention. */
  readonly state: 'live' | 'ended'
  /** `large` for the head of a page. */
  readonly size?: 'small' | 'large'
}

/** The bar. Its value is in the accessibility tree as a progress bar. */
export function segmentBar({ segments, percent, label, state, size = 'small' }: SegmentBarOptions): TemplateResult {
  const now = String(Math.floor(percent))
  return html`<div
    class="bar bar-${state} bar-${size}"
    role="progressbar"
    aria-label=${label}
    aria-valuemin="0"
    aria-valuemax="100"
    aria-valuenow=${now}
    aria-valuetext=${`${now} %`}
  >
    ${segments.map(segment)}
  </div>`
}

function segment({ name, weight, fraction, status }: SegmentView): TemplateResult {
  const isPartial = status !== 'pending' && status !== 'succeeded'
  return html`<i class="segment segment-${status}" title=${name} ${cssProperties({ 'flex-grow': String(weight) })}
    >${isPartial ? html`<b ${cssProperties({ width: `${(fraction * 100).toFixed(1)}%` })}></b>` : nothing}</i
  >`
}

/** A bar of planned tasks that shows only the shares of their weights. */
export function plannedBar(tasks: readonly { readonly name: string; readonly weight: number }[]): TemplateResult {
  return html`<div class="bar bar-planned" aria-hidden="true">
    ${tasks.map(
      ({ name, weight }) =>
        html`<i class="segment" title=${name} ${cssProperties({ 'flex-grow': String(weight) })}></i>`,
    )}
  </div>`
}

/** Styles of the templates above. */
export const segmentBarStyles: CSSResult = css`
  .bar {
    display: flex;
    gap: 2px;
    width: 100%;
    height: 8px;
    --bar: var(--pf-run);
  }
  .bar-large {
    gap: 3px;
    height: 12px;
  }
  .bar-planned {
    height: 6px;
  }
  .bar-ended {
    --bar: var(--pf-done);
  }
  .segment {
    position: relative;
    display: block;
    flex: 1 1 0;
    min-width: 3px;
    overflow: hidden;
    border-radius: 2.5px;
    background: var(--pf-track);
    transition: background 0.4s;
  }
  .bar-large .segment {
    border-radius: 3.5px;
  }
  .bar-planned .segment {
    background: var(--pf-chart);
  }
  .segment-succeeded {
    background: var(--bar);
  }
  .segment-running {
    background: color-mix(in oklab, var(--bar) 22%, var(--pf-track));
  }
  .segment-retrying {
    background: color-mix(in oklab, var(--pf-wait) 26%, var(--pf-track));
  }
  .segment-failed {
    background: color-mix(in oklab, var(--pf-bad) 26%, var(--pf-track));
  }
  .segment b {
    position: absolute;
    inset: 0 auto 0 0;
    overflow: hidden;
    background: var(--bar);
    transition: width 0.5s linear;
  }
  .segment-retrying b {
    background: var(--pf-wait);
  }
  .segment-failed b {
    min-width: 4px;
    background: var(--pf-bad);
  }
  .bar-live .segment-running b::after {
    content: '';
    position: absolute;
    inset: 0;
    background: linear-gradient(90deg, transparent 0 30%, oklch(1 0 0 / 0.36) 75%, transparent);
    animation: sheen 1.9s linear infinite var(--pf-motion-state, running);
    translate: -100% 0;
  }
  @keyframes sheen {
    to {
      translate: 100% 0;
    }
  }
  @media (forced-colors: active) {
    .segment {
      border: 1px solid CanvasText;
    }
    .segment-succeeded,
    .segment b {
      forced-color-adjust: none;
      background: Highlight;
    }
  }
`
