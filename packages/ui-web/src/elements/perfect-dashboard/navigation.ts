import { css, html, nothing, type CSSResult, type TemplateResult } from 'lit'

import { flowsIcon, homeIcon, processesIcon, runsIcon } from '../../parts/icons.ts'
import type { DashboardState } from '../../state/dashboard-state.ts'
import { isFinal } from '../../state/runs.ts'
import { formatInteger } from '../../text/strings.ts'
import type { Route } from './router.ts'

/** Perfect's sign: its weighted segments. */
const logo: TemplateResult = html`<svg class="logo" viewBox="0 0 22 22" aria-hidden="true">
  <rect x="1" y="3" width="20" height="4" rx="2" />
  <rect x="1" y="9" width="13" height="4" rx="2" />
  <rect x="15.5" y="9" width="5.5" height="4" rx="2" class="rest" />
  <rect x="1" y="15" width="6" height="4" rx="2" />
  <rect x="8.5" y="15" width="12.5" height="4" rx="2" class="rest" />
</svg>`

/** The rail on the left; only icons on a narrow page, a bar at the bottom of a phone. */
export function navigation(route: Route, state: DashboardState): TemplateResult {
  const active = [...state.runs.values()].filter((run) => !isFinal(run)).length
  const processes = state.clients.size + state.workers.size
  const page = route.page === 'run' ? 'runs' : route.page
  const count = (value: number): TemplateResult | typeof nothing =>
    value === 0 ? nothing : html`<small aria-hidden="true">${formatInteger(value)}</small>`
  const link = (
    name: string,
    href: string,
    icon: TemplateResult,
    word: string,
    aside: TemplateResult | typeof nothing,
  ): TemplateResult =>
    html`<a href=${href} aria-current=${page === name ? 'page' : nothing} title=${word}
      >${icon}<span>${word}</span>${aside}</a
    >`
  return html`<nav aria-label="Perfect">
    <div class="brand">${logo}<span>Perfect</span></div>
    ${link('overview', '#/', homeIcon, 'Overview', nothing)}
    ${link('flows', '#/flows', flowsIcon, 'Flows', count(state.flows.size))}
    ${link('runs', '#/runs', runsIcon, 'Runs', active === 0 ? nothing : html`<small class="badge" aria-hidden="true">${formatInteger(active)}</small>`)}
    ${link('processes', '#/processes', processesIcon, 'Processes', count(processes))} ${engine(state)}
  </nav>`
}

function engine({ info, workers }: DashboardState): TemplateResult | typeof nothing {
  if (info === null) return nothing
  return html`<dl class="engine">
    <div>
      <dt>Engine</dt>
      <dd class="truncate" title=${info.engineId}>${info.name} ${info.version}</dd>
    </div>
    <div>
      <dt>Storage</dt>
      <dd class="truncate">${info.storage}</dd>
    </div>
    <div>
      <dt>Workers</dt>
      <dd>${workers.size === 0 ? 'none' : `${String(workers.size)} online`}</dd>
    </div>
  </dl>`
}

/** Styles of the navigation. */
export const navigationStyles: CSSResult = css`
  nav {
    display: flex;
    flex-direction: column;
    gap: 2px;
    min-width: 0;
    padding: 16px 12px 12px;
    border-inline-end: 1px solid var(--pf-line);
  }
  .brand {
    display: flex;
    align-items: center;
    gap: 9px;
    padding: 2px 8px 16px;
    font-size: 15px;
    font-weight: 650;
    letter-spacing: -0.02em;
  }
  .logo {
    flex: none;
    width: 22px;
    height: 22px;
    fill: currentColor;
  }
  .logo .rest {
    opacity: 0.28;
  }
  nav a {
    display: flex;
    align-items: center;
    gap: 10px;
    height: 32px;
    padding: 0 10px;
    border-radius: var(--pf-radius-m);
    font-weight: 500;
    color: var(--pf-muted);
    transition:
      background var(--pf-motion),
      color var(--pf-motion);
  }
  nav a:hover {
    background: var(--pf-hover);
    color: var(--pf-fg);
  }
  nav a[aria-current='page'] {
    background: var(--pf-active);
    color: var(--pf-fg);
  }
  nav a span {
    flex: 1;
  }
  nav small {
    font-size: 11px;
    font-variant-numeric: tabular-nums;
    color: var(--pf-muted);
  }
  nav .badge {
    padding: 1px 7px;
    border-radius: 9px;
    font-weight: 600;
    background: var(--pf-run-bg);
    color: var(--pf-run-fg);
  }
  .engine {
    display: grid;
    gap: 6px;
    margin-top: auto;
    padding: 10px;
    font-size: 12px;
    color: var(--pf-muted);
  }
  .engine div {
    display: flex;
    justify-content: space-between;
    gap: 12px;
  }
  .engine dd {
    font-weight: 500;
    color: var(--pf-fg);
    font-variant-numeric: tabular-nums;
  }
  @media (forced-colors: active) {
    nav a[aria-current='page'] {
      outline: 2px solid Highlight;
      outline-offset: -2px;
    }
  }
  @container dashboard (max-width: 900px) {
    nav {
      align-items: center;
      padding-inline: 10px;
    }
    .brand {
      padding-inline: 0;
    }
    .brand span,
    nav a span {
      position: absolute;
      width: 1px;
      height: 1px;
      overflow: hidden;
      clip-path: inset(50%);
    }
    nav a {
      position: relative;
      justify-content: center;
      width: 40px;
      height: 40px;
      padding: 0;
    }
    nav small {
      display: none;
    }
    nav .badge {
      position: absolute;
      inset: 0 -3px auto auto;
      display: block;
      padding: 0 5px;
      background: var(--pf-run);
      color: var(--pf-surface);
    }
    .engine {
      display: none;
    }
  }
  @container dashboard (max-width: 640px) {
    nav {
      display: grid;
      grid-template-columns: repeat(4, 1fr);
      grid-row: 2;
      gap: 0;
      padding: 6px 4px max(6px, env(safe-area-inset-bottom));
      border-inline-end: 0;
      border-top: 1px solid var(--pf-line);
      background: var(--pf-surface);
    }
    .brand {
      display: none;
    }
    nav a {
      display: grid;
      justify-items: center;
      align-content: center;
      gap: 3px;
      width: auto;
      height: 48px;
      font-size: 10.5px;
    }
    nav a[aria-current='page'] {
      background: none;
    }
    nav a span {
      position: static;
      width: auto;
      height: auto;
      clip-path: none;
    }
    nav a .icon {
      width: 20px;
      height: 20px;
    }
    nav .badge {
      inset: 2px calc(50% - 24px) auto auto;
      font-size: 10px;
    }
  }
`
