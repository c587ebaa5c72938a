import type { FlowView, RunView } from '@perfect/core'
import { css, html, nothing, type CSSResult, type TemplateResult } from 'lit'

import { unusualConfigurationTag, percentText, taskText, triggerCell } from '../../parts/run-cells.ts'
import { segmentBar } from '../../parts/segment-bar.ts'
import { status } from '../../parts/status.ts'
import { timeLeftShort } from '../../parts/time-left.ts'
import { durationOf, isFinal } from '../../state/runs.ts'
import { segmentsOf } from '../../state/segments.ts'
import { runLabel, shortId } from '../../text/strings.ts'
import { formatTicking } from '../../text/time.ts'

/** A run that goes on, as a card: the whole card is a link to its run. */
export function runCard(run: RunView, flow: FlowView | undefined, now: number): TemplateResult {
  const { percent } = run.progress
  const elapsed = durationOf(run, now)
  const bar = segmentBar({
    segments: segmentsOf(run, flow),
    percent,
    label: `${run.flowName} progress`,
    state: isFinal(run) ? 'ended' : 'live',
  })
  return html`<li class="panel card">
    <div class="card-head">
      <h3 class="truncate"><a href="#/runs/${run.id}" class="card-link">${run.flowName}</a></h3>
      ${unusualConfigurationTag(run, flow)}
      <span class="spacer"></span>
      ${percentText(percent)}
    </div>
    <div class="card-meta">
      ${triggerCell(run)}<span class="faint">·</span><span class="mono faint" title=${run.id}>${shortId(run.id)}</span>
      <span class="spacer"></span>
      <span class="card-status">${status(runLabel(run), percent / 100)}</span>
    </div>
    ${bar}
    <div class="card-foot">
      ${taskText(run)}
      <span class="spacer"></span>
      ${timeLeftShort(run, now)} ${elapsedText(run, elapsed)}
    </div>
  </li>`
}

/** How long it runs; that it has not started is said already by when it will. */
function elapsedText({ estimate }: RunView, elapsed: number | null): TemplateResult | typeof nothing {
  if (elapsed === null && estimate !== null) return nothing
  return html`${estimate === null ? nothing : html`<span class="faint">·</span>`}
    <span class="elapsed number">${elapsed === null ? 'not started' : formatTicking(elapsed)}</span>`
}

/** Styles of the cards. */
export const runCardStyles: CSSResult = css`
  .cards {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(330px, 100%), 1fr));
    gap: 12px;
  }
  .card {
    position: relative;
    display: grid;
    gap: 10px;
    padding: 14px 16px 12px;
    transition:
      border-color var(--pf-motion),
      box-shadow var(--pf-motion);
  }
  .card:hover {
    border-color: var(--pf-line-strong);
    box-shadow: var(--pf-shadow-lift);
  }
  .card-head {
    display: flex;
    align-items: center;
    gap: 8px;
    min-width: 0;
  }
  .card-head h3 {
    font-size: 14px;
    font-weight: 600;
    letter-spacing: -0.012em;
  }
  .card-head .percent {
    font-size: 20px;
  }
  .card-link::after {
    content: '';
    position: absolute;
    inset: 0;
    border-radius: var(--pf-radius-l);
  }
  .card-link:focus-visible {
    outline: none;
  }
  .card-link:focus-visible::after {
    outline: 2px solid var(--pf-accent);
    outline-offset: 2px;
  }
  .card-meta {
    display: flex;
    align-items: center;
    gap: 6px;
    min-width: 0;
    margin-top: -6px;
    font-size: 12px;
    color: var(--pf-muted);
  }
  .card-status .status {
    gap: 5px;
  }
  .card-status .glyph {
    width: 13px;
    height: 13px;
  }
  .card-foot {
    display: flex;
    align-items: baseline;
    gap: 8px;
    min-width: 0;
    font-size: 12px;
  }
  .elapsed {
    white-space: nowrap;
    color: var(--pf-muted);
  }
`
