import { css, html, type CSSResult, type TemplateResult } from 'lit'

import { clockIcon } from '../../parts/icons.ts'
import type { DashboardState } from '../../state/dashboard-state.ts'
import { nextStart } from '../../state/schedules.ts'
import { formatAhead, formatInstant } from '../../text/time.ts'

/** What stands in the place of the cards while nothing runs: what comes next. As high as a card, so that the first run moves nothing. */
export function idle(state: DashboardState, now: number): TemplateResult {
  const next = nextStart(state.flows.values(), now)
  const text =
    next === null
      ? html`Start a flow with “Run flow”, or press <kbd>t</kbd>.`
      : html`Next is <b>${next.flow.name}</b>,
          <span title=${formatInstant(next.at)}>${formatAhead(next.at - now)}</span>.`
  return html`<div class="idle">
    ${clockIcon}
    <p>${text}</p>
  </div>`
}

/** Styles of the placeholder. */
export const idleStyles: CSSResult = css`
  .idle {
    display: flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    min-height: 113px;
    border: 1px dashed var(--pf-line-strong);
    border-radius: var(--pf-radius-l);
    color: var(--pf-faint);
    font-variant-numeric: tabular-nums;
  }
  .idle .icon {
    width: 14px;
    height: 14px;
  }
  .idle b {
    font-weight: 500;
    color: var(--pf-fg);
  }
  .idle kbd {
    padding: 1px 5px;
    border: 1px solid var(--pf-line-strong);
    border-radius: 4px;
    font: 500 11px var(--pf-font);
    color: var(--pf-muted);
  }
`
