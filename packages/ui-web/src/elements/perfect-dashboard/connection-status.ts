import { css, html, type CSSResult, type TemplateResult } from 'lit'

import type { ConnectionView } from '../../controllers/live-connection.ts'
import { formatClock } from '../../text/time.ts'

/** A loss shorter than this is not shown. Unit: ms. The first new attempt follows after at most 250 ms and mostly succeeds. */
const QUIET_MS = 1200

/** What is said about the connection. */
export type ConnectionWord = 'live' | 'connecting' | 'stale' | 'paused'

/** What to say about the connection now. */
export function connectionWord({ status, since, lastSeenAt }: ConnectionView, now: number): ConnectionWord {
  if (status === 'paused') return 'paused'
  if (status === 'lost') return now - since > QUIET_MS || lastSeenAt === null ? 'stale' : 'live'
  return status === 'connecting' && lastSeenAt === null ? 'connecting' : 'live'
}

/** Whether the page is live, and if not, from when its data is. */
export function connectionStatus(view: ConnectionView, now: number, reconnect: () => void): TemplateResult {
  const word = connectionWord(view, now)
  if (word === 'live') return html`<span class="live live-on"><i></i><span>Live</span></span>`
  if (word === 'connecting') return html`<span class="live"><i></i><span>Connecting…</span></span>`
  if (word === 'paused') return html`<span class="live"><i></i><span>Paused</span></span>`
  const asOf = view.lastSeenAt === null ? 'No connection' : `As of ${formatClock(view.lastSeenAt)}`
  return html`<button class="live live-stale" title="Try again now" @click=${reconnect}>
    <i></i><span>Reconnecting…</span><span class="live-as-of">${asOf}</span>
  </button>`
}

/** Styles of the status. */
export const connectionStatusStyles: CSSResult = css`
  .live {
    display: inline-flex;
    align-items: center;
    flex: none;
    gap: 8px;
    height: 28px;
    padding: 0 8px;
    border-radius: 14px;
    font-size: 12px;
    white-space: nowrap;
    color: var(--pf-muted);
  }
  .live i {
    width: 7px;
    height: 7px;
    border-radius: 50%;
    background: var(--pf-idle);
    box-shadow: 0 0 0 3px var(--pf-idle-bg);
  }
  .live-on i {
    background: var(--pf-ok);
    box-shadow: 0 0 0 3px var(--pf-ok-bg);
  }
  .live-stale {
    background: var(--pf-wait-bg);
    color: var(--pf-wait-fg);
    font-weight: 500;
  }
  .live-stale i {
    background: var(--pf-wait);
    box-shadow: none;
  }
  .live-as-of {
    font-weight: 400;
    font-variant-numeric: tabular-nums;
  }
  @container dashboard (max-width: 640px) {
    .live-on span {
      position: absolute;
      width: 1px;
      height: 1px;
      overflow: hidden;
      clip-path: inset(50%);
    }
    .live-stale > span:not(.live-as-of) {
      display: none;
    }
  }
`
