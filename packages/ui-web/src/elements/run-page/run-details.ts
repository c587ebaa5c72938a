import { css, html, nothing, type CSSResult, type TemplateResult } from 'lit'

import { copyIcon } from '../../parts/icons.ts'
import { plural, triggerText } from '../../text/strings.ts'
import { formatMoment, instant } from '../../text/time.ts'
import { jsonText, toJson } from './json-text.ts'
import type { ShownRun } from './run-hero.ts'

/** Everything that is known of a run apart from its tasks and its log. */
export function runDetails(shown: ShownRun): TemplateResult {
  const { detail } = shown
  return html`${facts(shown)} ${valuePanel('Input', detail.input)} ${valuePanel('Result', detail.result)}`
}

function facts({ run, worker, now }: ShownRun): TemplateResult {
  const copyId = (): void => {
    void navigator.clipboard.writeText(run.id)
  }
  const restarts = Math.max(0, run.epoch - 1)
  const list: readonly (readonly [string, string | null])[] = [
    ['Id', run.id],
    ['Configuration', run.configuration],
    ['Version', run.flowVersion],
    ['Trigger', triggerText(run.trigger)],
    ['Created', formatMoment(instant(run.createdAt), now)],
    ['Resumed', restarts === 0 ? 'never' : plural(restarts, 'time')],
    ['Worker', worker],
    ['Cancelled because', run.cancelReason],
  ]
  return html`<section class="panel" aria-labelledby="facts">
    <div class="panel-head">
      <h2 id="facts">Run</h2>
      <span class="spacer"></span>
      <button class="icon-button" title="Copy the id" aria-label="Copy the id of the run" @click=${copyId}>
        ${copyIcon}
      </button>
    </div>
    <dl class="pairs">
      ${list.map(([name, value]) =>
        value === null
          ? nothing
          : html`<dt>${name}</dt>
              <dd class="truncate ${name === 'Id' ? 'mono' : ''}" title=${value}>${value}</dd>`,
      )}
    </dl>
  </section>`
}

function valuePanel(title: string, value: unknown): TemplateResult | typeof nothing {
  if (value === null || value === undefined) return nothing
  const copy = (): void => {
    void navigator.clipboard.writeText(toJson(value))
  }
  return html`<section class="panel" aria-label=${title}>
    <div class="panel-head">
      <h2>${title}</h2>
      <span class="spacer"></span>
      <button class="icon-button" title="Copy" aria-label="Copy the ${title.toLowerCase()}" @click=${copy}>
        ${copyIcon}
      </button>
    </div>
    <pre class="json" tabindex="0" role="region" aria-label="${title} as JSON">${jsonText(value)}</pre>
  </section>`
}

/** Styles of the details. */
export const runDetailsStyles: CSSResult = css`
  .pairs {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: 7px 16px;
    padding: 0 16px 16px;
  }
  .pairs dt {
    color: var(--pf-faint);
    white-space: nowrap;
  }
  .pairs dd {
    text-align: end;
    font-variant-numeric: tabular-nums;
  }
`
