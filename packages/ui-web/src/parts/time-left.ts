import type { RunView } from '@perfect/core'
import { css, html, nothing, type CSSResult, type TemplateResult } from 'lit'

import { foundText, timeLeft } from '../text/time-left.ts'

/** How long a run still takes, in few words; what it was made from is its tooltip. Nothing for a run of which nothing is estimated. */
export function timeLeftShort(run: RunView, now: number): TemplateResult | typeof nothing {
  const left = timeLeft(run, now)
  return left === null
    ? nothing
    : html`<span class="left left-${left.tone} truncate" title=${left.basis}>${left.short}</span>`
}

/** The same with all that is known: when it ends, how sure that is, and what changed in its work. */
export function timeLeftLine(run: RunView, now: number): TemplateResult | typeof nothing {
  const left = timeLeft(run, now)
  const found = foundText(run, now)
  if (left === null && found === null) return nothing
  return html`<p class="left-line">
    ${
      left === null
        ? nothing
        : html`<span class="left left-${left.tone}" title=${left.basis}>${left.short}</span>
            ${left.when === null ? nothing : html`<span class="left-when">${left.when}</span>`}
            <span class="left-basis">${run.estimate?.basis}</span>`
    }
    ${found === null ? nothing : html`<span class="left-found">${found}</span>`}
  </p>`
}

/** Styles of the templates above. */
export const timeLeftStyles: CSSResult = css`
  .left {
    font-variant-numeric: tabular-nums;
    color: var(--pf-muted);
  }
  .left-late {
    color: var(--pf-wait-fg);
  }
  .left-line {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 2px 10px;
    min-width: 0;
    margin: 0;
    font-size: 12px;
  }
  .left-line .left {
    font-weight: 500;
    color: var(--pf-fg);
  }
  .left-line .left-late {
    color: var(--pf-wait-fg);
  }
  .left-when {
    font-variant-numeric: tabular-nums;
    color: var(--pf-muted);
  }
  .left-basis {
    color: var(--pf-faint);
  }
  .left-found {
    padding: 0 7px;
    border-radius: 999px;
    font-weight: 500;
    color: var(--pf-run-fg);
    background: var(--pf-run-bg);
  }
`
