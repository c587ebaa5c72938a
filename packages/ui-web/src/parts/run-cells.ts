import type { FlowView, RunView } from '@perfect/core'
import { css, html, nothing, type CSSResult, type TemplateResult } from 'lit'

import { triggerText } from '../text/strings.ts'
import { clockIcon, codeIcon, webhookIcon } from './icons.ts'

/** What started a run, with its icon. */
export function triggerCell({ trigger }: Pick<RunView, 'trigger'>): TemplateResult {
  const icon = { api: webhookIcon, schedule: clockIcon, code: codeIcon, parent: codeIcon, retry: codeIcon }[
    trigger.kind
  ]
  return html`<span class="trigger">${icon}<span class="truncate">${triggerText(trigger)}</span></span>`
}

/** Name of the configuration of a run. */
export function configurationTag(configuration: string): TemplateResult {
  const look = configuration === 'debug' ? 'tag tag-debug' : 'tag'
  return html`<span class=${look} title="Configuration">${configuration}</span>`
}

/** The same in a list, where only what is out of the ordinary is said: another configuration than the flow's default. */
export function unusualConfigurationTag(run: RunView, flow: FlowView | undefined): TemplateResult | typeof nothing {
  return run.configuration === flow?.defaultConfiguration ? nothing : configurationTag(run.configuration)
}

/** A large number with a small unit. Whole percents, rounded down: 100 is only said when it is true. */
export function percentText(percent: number): TemplateResult {
  return html`<span class="percent">${String(Math.floor(percent))}<small>%</small></span>`
}

/** Task that goes on and how many are done. */
export function taskText({ progress, status }: RunView): TemplateResult {
  const { current, done, total } = progress
  const name = current ?? (status === 'running' && done > 0 ? 'finishing' : null)
  return html`<span class="tasks truncate">
    ${name === null ? nothing : html`<b>${name}</b> · `}${String(done)} of
    ${String(total)}${name === null ? ' tasks' : ''}
  </span>`
}

/** Styles of the templates above. */
export const runCellStyles: CSSResult = css`
  .trigger {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    min-width: 0;
    max-width: 100%;
    color: var(--pf-muted);
    vertical-align: middle;
  }
  .trigger .icon {
    width: 13px;
    height: 13px;
    color: var(--pf-faint);
  }
  .percent {
    font-weight: 600;
    letter-spacing: -0.035em;
    line-height: 1;
    font-variant-numeric: tabular-nums;
  }
  .percent small {
    margin-inline-start: 1px;
    font-size: max(0.55em, 10.5px);
    font-weight: 500;
    color: var(--pf-faint);
  }
  .tasks {
    color: var(--pf-muted);
  }
  .tasks b {
    font-weight: 500;
    color: var(--pf-fg);
  }
`
