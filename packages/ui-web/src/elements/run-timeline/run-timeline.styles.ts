import { css, type CSSResult } from 'lit'

/** Layout of the timeline. On a phone the bars lie under their labels. */
export const runTimelineStyles: CSSResult = css`
  :host {
    display: block;
    container: page / inline-size;
    --label: 248px;
    --edge: 20px;
    --row: 30px;
  }
  .panel {
    overflow: clip;
  }
  .chart {
    position: relative;
    padding: 30px 0 8px;
  }
  .rows {
    position: relative;
    z-index: 1;
  }
  .rows.scrolling {
    max-height: calc(26 * var(--row));
    overflow: hidden auto;
    scrollbar-width: thin;
    scrollbar-color: var(--pf-line-strong) transparent;
  }
  .canvas {
    position: relative;
    contain: layout style;
  }
  .row {
    position: absolute;
    inset: 0 0 auto;
    display: grid;
    grid-template-columns: var(--label) minmax(0, 1fr);
    align-items: center;
    height: var(--row);
    cursor: pointer;
  }
  .row:hover {
    background: var(--pf-hover);
  }
  .row.selected {
    background: var(--pf-run-bg);
  }
  .row:focus-visible {
    outline-offset: -2px;
  }
  .label {
    display: flex;
    align-items: center;
    gap: 7px;
    height: 100%;
    min-width: 0;
    padding-inline: calc(16px + var(--level) * 16px) 12px;
  }
  .label .glyph {
    width: 14px;
    height: 14px;
  }
  .name {
    display: flex;
    flex: 1;
    min-width: 0;
  }
  .name-end {
    flex: none;
    max-width: 100%;
  }
  .group .name {
    font-weight: 600;
  }
  .fold {
    margin-inline: -6px -3px;
    color: var(--pf-faint);
  }
  .fold .icon {
    width: 14px;
    height: 14px;
    transition: rotate var(--pf-motion);
  }
  [aria-expanded='true'] .fold .icon {
    rotate: 90deg;
  }
  .took {
    display: none;
  }
  .weight,
  .took,
  .duration,
  .planned,
  .tick span {
    font-size: 11px;
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
    color: var(--pf-faint);
  }
  .selected :is(.weight, .took, .duration, .planned) {
    color: var(--pf-muted);
  }
  .track {
    position: relative;
    height: 100%;
    margin-inline-end: var(--edge);
  }
  .mark {
    position: absolute;
    top: calc(50% - 6px);
    height: 12px;
    min-width: 3px;
    border-radius: 3.5px;
    background: var(--pf-done);
  }
  .mark-group {
    top: calc(50% - 3px);
    height: 6px;
    border-radius: 2px;
  }
  .mark-running {
    border-start-end-radius: 0;
    border-end-end-radius: 0;
    background: var(--pf-run);
  }
  .mark-failed {
    background: var(--pf-bad);
  }
  .mark-retrying,
  .mark-sleeping {
    --stripe: color-mix(in oklab, var(--pf-wait) 45%, transparent);
    background: linear-gradient(
        135deg,
        var(--pf-wait) 25%,
        var(--stripe) 25% 50%,
        var(--pf-wait) 50% 75%,
        var(--stripe) 75%
      )
      0 0 / 8px 8px;
  }
  .expected {
    border: 1px dashed color-mix(in oklab, var(--pf-fg) 28%, transparent);
    background: none;
  }
  .duration {
    position: absolute;
    z-index: 1;
    top: calc(50% - 8px);
    padding-inline: 4px;
    margin-inline-start: 3px;
    border-radius: 3px;
    line-height: 16px;
    max-width: 45%;
    overflow: hidden;
    text-overflow: ellipsis;
    background: var(--pf-surface);
  }
  .duration.inside {
    translate: calc(-100% - 9px) 0;
  }
  .duration:is(.on-running, .on-failed) {
    background: none;
    color: var(--pf-surface);
  }
  .duration:is(.on-succeeded, .on-retrying, .on-sleeping) {
    background: none;
    color: var(--pf-fg);
  }
  .duration.before {
    translate: calc(-100% - 7px) 0;
  }
  .row:is(:hover, .selected) .duration {
    background: none;
  }
  .planned {
    position: absolute;
    top: calc(50% - 8px);
    left: 4px;
  }
  .grid {
    position: absolute;
    inset: 0 var(--edge) 8px var(--label);
    pointer-events: none;
  }
  .grid::before {
    content: '';
    position: absolute;
    inset: 25px calc(-1 * var(--edge)) auto 0;
    height: 1px;
    background: var(--pf-line);
  }
  .tick {
    position: absolute;
    top: 26px;
    bottom: 0;
    width: 1px;
    background: color-mix(in oklab, var(--pf-line) 70%, transparent);
  }
  .tick:first-child {
    background: none;
  }
  .tick span {
    position: absolute;
    top: -22px;
    translate: -50% 0;
  }
  .tick:first-child span {
    translate: 0 0;
  }
  .now {
    position: absolute;
    top: 19px;
    bottom: 0;
    width: 1.5px;
    background: var(--pf-run);
  }
  .now span {
    position: absolute;
    top: -17px;
    translate: -50% 0;
    padding: 1px 5px;
    border-radius: 4px;
    font-size: 11px;
    font-weight: 600;
    line-height: 14px;
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
    background: var(--pf-run);
    color: var(--pf-surface);
  }
  @container page (max-width: 640px) {
    .chart {
      --label: 14px;
      --edge: 14px;
      --row: 46px;
    }
    .row {
      grid-template-columns: minmax(0, 1fr);
    }
    .label {
      align-self: start;
      height: 26px;
      padding-top: 4px;
      padding-inline: calc(14px + var(--level) * 12px) 14px;
    }
    .track {
      position: absolute;
      inset: 22px 14px auto;
      height: 22px;
      margin: 0;
    }
    .mark {
      top: calc(50% - 5px);
      height: 10px;
    }
    .mark-group {
      top: calc(50% - 3px);
      height: 6px;
    }
    .took {
      display: inline;
      padding-inline-start: 4px;
      background: var(--pf-surface);
    }
    .row:is(:hover, .selected) .took {
      background: none;
    }
    .weight,
    .duration,
    .planned {
      display: none;
    }
  }
  @media (forced-colors: active) {
    .mark {
      forced-color-adjust: none;
      background: CanvasText;
    }
    .row.selected {
      outline: 2px solid Highlight;
      outline-offset: -2px;
    }
  }
`
