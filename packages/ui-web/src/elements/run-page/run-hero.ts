import type { FlowView, RunView, SegmentView } from '@perfect/core'
import { css, html, nothing, type CSSResult, type TemplateResult } from 'lit'

import { cssProperties } from '../../parts/css-properties.ts'
import { percentText } from '../../parts/run-cells.ts'
import { segmentBar } from '../../parts/segment-bar.ts'
import { statusPill } from '../../parts/status.ts'
import { timeLeftLine } from '../../parts/time-left.ts'
import type { RunDetail } from '../../state/dashboard-state.ts'
import { durationOf, isFinal } from '../../state/runs.ts'
import { segmentsOf } from '../../state/segments.ts'
import { runLabel, triggerText } from '../../text/strings.ts'
import { formatAhead, formatDuration, formatInstant, formatMoment, formatTicking, instant } from '../../text/time.ts'

/** Share of the bar from which on a segment has room for its name. Range: 0..1. */
const NAME_FITS = 0.09

/** A run as its page shows it. */
export interface ShownRun {
  readonly run: RunView
  readonly detail: RunDetail
  /** Its flow, while that is registered. */
  readonly flow: FlowView | undefined
  /** Name of the worker that runs it; null when the engine does. */
  readonly worker: string | null
  /** Server time. Unit: ms since 1970. */
  readonly now: number
}

/** The head of a run: how far it is, in one number, one bar and a few facts. */
export function runHero(shown: ShownRun): TemplateResult {
  const { run, flow, detail } = shown
  const segments = segmentsOf(run, flow, detail.tasks)
  const state = isFinal(run) ? 'ended' : 'live'
  return html`<section class="panel hero" aria-label="Progress">
    <div class="hero-top">
      <div class="hero-percent">${percentText(run.progress.percent)}</div>
      <div class="hero-status">${statusPill(runLabel(run), run.progress.percent / 100)}</div>
      <dl class="facts">${facts(shown)}</dl>
    </div>
    ${segmentBar({ segments, percent: run.progress.percent, label: 'Progress of the run', state, size: 'large' })}
    ${segments.length > 1 ? names(segments) : nothing} ${timeLeftLine(run, shown.now)}
  </section>`
}

function facts({ run, detail, worker, now }: ShownRun): readonly TemplateResult[] {
  const elapsed = durationOf(run, now)
  const start = instant(run.startedAt)
  const end = instant(run.finishedAt)
  const wake = instant(run.wakeAt)
  const running = [...detail.tasks.values()].find(({ status }) => status === 'running' || status === 'retrying')
  const list: (readonly [string, string | TemplateResult] | null)[] = [
    [
      isFinal(run) ? 'Duration' : 'Elapsed',
      elapsed === null ? 'not started' : end === null ? formatTicking(elapsed) : formatDuration(elapsed),
    ],
    [start === null ? 'Created' : 'Started', moment(start ?? instant(run.createdAt), now)],
    end === null ? null : ['Finished', moment(end, now)],
    wake === null || isFinal(run) ? null : ['Goes on', formatAhead(wake - now)],
    ['Tasks', `${String(run.progress.done)} of ${String(run.progress.total)}`],
    isFinal(run) || run.progress.current === null
      ? null
      : ['Current', currentTask(run.progress.current, running?.note ?? null)],
    ['Trigger', triggerText(run.trigger)],
    worker === null ? null : ['Worker', worker],
  ]
  return list.flatMap((fact) =>
    fact === null
      ? []
      : html`<div>
          <dt>${fact[0]}</dt>
          <dd class="truncate">${fact[1]}</dd>
        </div>`,
  )
}

function moment(at: number, now: number): TemplateResult {
  return html`<time datetime=${new Date(at).toISOString()} title=${formatInstant(at)}>${formatMoment(at, now)}</time>`
}

function currentTask(name: string, note: string | null): TemplateResult {
  return html`${name}${note === null ? nothing : html` <span>${note}</span>`}`
}

function names(segments: readonly SegmentView[]): TemplateResult {
  const total = segments.reduce((sum, { weight }) => sum + weight, 0)
  return html`<div class="segment-names" aria-hidden="true">
    ${segments.map(
      ({ name, weight, status }) =>
        html`<span class="name-${status}" ${cssProperties({ 'flex-grow': String(weight) })}>
          ${weight / total > NAME_FITS || status === 'running' ? name : nothing}
        </span>`,
    )}
  </div>`
}

/** Styles of the head. */
export const runHeroStyles: CSSResult = css`
  .hero {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 16px;
    padding: 20px 20px 16px;
  }
  .hero-top {
    display: flex;
    align-items: flex-end;
    gap: 32px;
    min-width: 0;
  }
  .hero-percent {
    display: flex;
    font-size: 46px;
    line-height: 1;
  }
  .hero-percent .percent {
    line-height: 0.8;
    letter-spacing: -0.05em;
  }
  .hero-percent small {
    font-size: 20px;
    letter-spacing: 0;
    margin-inline-start: 3px;
  }
  .hero-status {
    display: none;
  }
  .facts {
    display: flex;
    flex: 1;
    flex-wrap: wrap;
    gap: 10px 28px;
    min-width: 0;
  }
  .facts div {
    min-width: 0;
    max-width: 260px;
  }
  .facts dt {
    font-size: 12px;
    color: var(--pf-faint);
  }
  .facts dd {
    font-weight: 500;
    font-variant-numeric: tabular-nums;
  }
  .facts dd span {
    font-weight: 400;
    color: var(--pf-faint);
  }
  .segment-names {
    display: flex;
    gap: 3px;
    margin-top: -10px;
    font-size: 11px;
    color: var(--pf-faint);
  }
  .segment-names span {
    flex: 1 1 0;
    min-width: 3px;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .segment-names .name-running {
    overflow: visible;
    font-weight: 500;
    color: var(--pf-run-fg);
  }
  .segment-names .name-failed {
    font-weight: 500;
    color: var(--pf-bad-fg);
  }
  @container page (max-width: 640px) {
    .hero {
      position: relative;
      padding: 18px 16px 16px;
    }
    .hero-status {
      position: absolute;
      inset: 18px 16px auto auto;
      display: block;
    }
    .hero-top {
      display: contents;
    }
    .hero-percent {
      font-size: 48px;
    }
    .facts {
      order: 4;
      display: grid;
      grid-template-columns: 1fr 1fr;
      gap: 12px 16px;
      padding-top: 14px;
      border-top: 1px solid var(--pf-line);
    }
    .segment-names {
      order: 3;
    }
    .left-line {
      order: 3;
    }
    .segment-names span:not(.name-running, .name-failed) {
      visibility: hidden;
    }
  }
`
