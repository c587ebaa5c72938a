import type { RunView } from '@perfect/core'
import { css, html, nothing, type CSSResult, type TemplateResult } from 'lit'

import { backIcon, chevronRightIcon, moonIcon, playIcon, refreshIcon, stopIcon, sunIcon } from '../../parts/icons.ts'
import { configurationTag } from '../../parts/run-cells.ts'
import { statusPill } from '../../parts/status.ts'
import { isFinal } from '../../state/runs.ts'
import { runLabel, shortId } from '../../text/strings.ts'
import type { Route } from './router.ts'

/** What the header of a page needs. */
export interface PageHeaderOptions {
  readonly route: Route
  /** The run of a run page, once it is known. */
  readonly run: RunView | undefined
  readonly connection: TemplateResult
  readonly isDark: boolean
  readonly hasFlows: boolean
  readonly onTheme: () => void
  readonly onTrigger: () => void
  readonly onCancel: () => void
}

const TITLES = { overview: 'Overview', flows: 'Flows', runs: 'Runs', processes: 'Processes' } as const

/** The head of every page: where you are, whether it is live, and the one thing you most likely want to do. */
export function pageHeader(options: PageHeaderOptions): TemplateResult {
  const { route, run, connection, isDark, onTheme } = options
  const themeLabel = isDark ? 'Use the light theme' : 'Use the dark theme'
  return html`<header>
    ${route.page === 'run' ? runTitle(route.runId, run) : html`<h1>${TITLES[route.page]}</h1>`} ${connection}
    <span class="spacer"></span>
    <button class="icon-button" title=${themeLabel} aria-label=${themeLabel} @click=${onTheme}>
      ${isDark ? sunIcon : moonIcon}
    </button>
    ${action(options)}
  </header>`
}

function runTitle(runId: string, run: RunView | undefined): TemplateResult {
  return html`<a class="icon-button back" href="#/runs" aria-label="Back to runs">${backIcon}</a>
    <span class="crumb"><a href="#/runs">Runs</a>${chevronRightIcon}</span>
    <h1 class="truncate">${run?.flowName ?? 'Run'}</h1>
    ${run === undefined ? nothing : html`<span class="mono faint id" title=${runId}>${shortId(runId)}</span>`}
    ${run === undefined ? nothing : html`${statusPill(runLabel(run), run.progress.percent / 100)}<span class="configuration">${configurationTag(run.configuration)}</span>`}`
}

function action({ route, run, hasFlows, onTrigger, onCancel }: PageHeaderOptions): TemplateResult | typeof nothing {
  if (route.page !== 'run')
    return html`<button class="button button-primary" aria-keyshortcuts="t" ?disabled=${!hasFlows} @click=${onTrigger}>
      ${playIcon}Run flow
    </button>`
  if (run === undefined) return nothing
  if (isFinal(run))
    return html`<button class="button" @click=${onTrigger}>${refreshIcon}<span>Run again</span></button>`
  return html`<button class="button" ?disabled=${run.cancelRequestedAt !== null} @click=${onCancel}>
    ${stopIcon}<span>Cancel</span>
  </button>`
}

/** Styles of the header. */
export const pageHeaderStyles: CSSResult = css`
  header {
    position: sticky;
    z-index: 5;
    top: 0;
    display: flex;
    align-items: center;
    gap: 10px;
    height: 60px;
    margin: 0 -24px;
    padding: 0 24px;
    background: color-mix(in oklab, var(--pf-bg) 88%, transparent);
    backdrop-filter: blur(10px);
  }
  header h1 {
    font-size: 17px;
    font-weight: 600;
    letter-spacing: -0.02em;
    white-space: nowrap;
  }
  .crumb {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    margin-inline-end: -4px;
    color: var(--pf-muted);
  }
  .crumb a:hover {
    color: var(--pf-fg);
  }
  .crumb .icon {
    width: 13px;
    height: 13px;
    color: var(--pf-faint);
  }
  .back {
    display: none;
    margin-inline-start: -8px;
  }
  @container dashboard (max-width: 900px) {
    .configuration {
      display: none;
    }
  }
  @container dashboard (max-width: 640px) {
    header {
      gap: 6px;
      height: 56px;
      margin: 0 -16px;
      padding: 0 16px;
    }
    .back {
      display: inline-grid;
    }
    .crumb,
    header :is(.id, .pill) {
      display: none;
    }
    header .icon-button {
      width: 34px;
      height: 34px;
    }
    header .button {
      height: 36px;
    }
  }
`
