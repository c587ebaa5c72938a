import type { RunView } from '@perfect/core'
import { css, html, type CSSResult, type TemplateResult } from 'lit'

import { cssProperties } from '../../parts/css-properties.ts'
import { durationOf, isFinal, type FlowHealth } from '../../state/runs.ts'
import { plural } from '../../text/strings.ts'

/** Success rate below which the number is marked. Range: 0..1. */
const LOW_RATE = 0.9

/** One flow in one line: a bar per recent run, as high as it took long, coloured only when it needs attention. */
export function flowHealthRow({ flowId, name, runs, successRate }: FlowHealth, now: number): TemplateResult {
  const rate = successRate === null ? null : Math.round(successRate * 100)
  return html`<li class="health">
    <a class="truncate" href="#/runs?flow=${encodeURIComponent(flowId)}">${name}</a>
    ${runStrip(runs, now, `${name}: ${rate === null ? 'no finished run' : `${String(rate)} % succeeded`}`)}
    <span class="rate number ${successRate !== null && successRate < LOW_RATE ? 'rate-low' : ''}">
      ${rate === null ? '–' : `${String(rate)}%`}
    </span>
  </li>`
}

/** Recent runs as bars, oldest first. */
export function runStrip(runs: readonly RunView[], now: number, label: string): TemplateResult {
  const durations = runs.map((run) => durationOf(run, now) ?? 0)
  const longest = Math.max(1, ...durations)
  return html`<span class="strip" role="img" aria-label="${label} of the last ${plural(runs.length, 'run')}">
    ${runs.map((run, index) => {
      const height = Math.max(0.16, (durations[index] ?? 0) / longest)
      return html`<i class=${barClass(run)} ${cssProperties({ height: `${(height * 100).toFixed(0)}%` })}></i>`
    })}
  </span>`
}

function barClass(run: RunView): string {
  if (run.status === 'failed') return 'bad'
  return isFinal(run) ? '' : 'run'
}

/** Styles of the rows and strips. */
export const flowHealthStyles: CSSResult = css`
  .health {
    display: grid;
    grid-template-columns: minmax(0, 1fr) 132px 40px;
    align-items: center;
    gap: 12px;
    height: 40px;
    padding: 0 16px;
    border-top: 1px solid var(--pf-line-soft);
  }
  .health a {
    font-weight: 500;
  }
  .health a:hover {
    text-decoration: underline;
    text-underline-offset: 3px;
    text-decoration-color: var(--pf-line-strong);
  }
  .rate {
    text-align: end;
    font-size: 12px;
    color: var(--pf-muted);
  }
  .rate-low {
    font-weight: 600;
    color: var(--pf-bad-fg);
  }
  .strip {
    display: flex;
    align-items: flex-end;
    justify-content: flex-end;
    gap: 1.5px;
    height: 22px;
  }
  .strip i {
    flex: 0 1 4px;
    width: 4px;
    min-height: 3px;
    border-radius: 1px;
    background: var(--pf-chart);
  }
  .strip .bad {
    background: var(--pf-bad);
  }
  .strip .run {
    background: var(--pf-run);
  }
  @media (forced-colors: active) {
    .strip i {
      forced-color-adjust: none;
      background: CanvasText;
    }
  }
`
