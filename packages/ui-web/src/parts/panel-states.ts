import { css, html, type CSSResult, type TemplateResult } from 'lit'

import type { ApiError } from '../api/api-error.ts'
import { refreshIcon, warningIcon } from './icons.ts'

/*
 * What a panel shows when it has no data: not yet, none, or not possible.
 */

/** A panel that failed: what happened, the code to look up, and another try. */
export function failure(error: ApiError, subject: string, retry: () => void): TemplateResult {
  return html`<div class="failure" role="alert">
    ${warningIcon}
    <div>
      <p>${subject} could not be loaded. ${error.message}</p>
      <code class="mono">${error.code}</code>
    </div>
    <button class="button button-small" @click=${retry}>${refreshIcon}Try again</button>
  </div>`
}

/** The shape of rows to come. Invisible for a moment, so that a fast answer does not flicker. */
export function skeleton(rows: number): TemplateResult {
  return html`<div class="skeleton" role="status" aria-label="Loading">
    ${Array.from({ length: rows }, () => html`<i></i>`)}
  </div>`
}

/** Nothing to show, why, and what to do about it. */
export function empty(title: string, body: TemplateResult | string): TemplateResult {
  return html`<div class="empty">
    <p class="empty-title">${title}</p>
    <div class="empty-body">${body}</div>
  </div>`
}

/** Styles of the templates above. */
export const panelStateStyles: CSSResult = css`
  .failure {
    display: flex;
    align-items: center;
    gap: 12px;
    padding: 14px 16px;
    font-size: 12px;
  }
  .failure > .icon {
    color: var(--pf-bad-fg);
  }
  .failure > div {
    flex: 1;
    min-width: 0;
    overflow-wrap: anywhere;
  }
  .failure code {
    color: var(--pf-faint);
  }
  .skeleton {
    display: grid;
    animation: appear 0.3s 0.15s backwards;
  }
  .skeleton i {
    display: block;
    height: 10px;
    margin: 15px 16px;
    border-radius: 5px;
    background: linear-gradient(
      90deg,
      var(--pf-track) 0 32%,
      transparent 32% 40%,
      var(--pf-track) 40% 58%,
      transparent 58% 82%,
      var(--pf-track) 82%
    );
    opacity: 0.75;
  }
  .skeleton i:nth-child(even) {
    opacity: 0.45;
  }
  @keyframes appear {
    from {
      opacity: 0;
    }
  }
  .empty {
    display: grid;
    justify-items: center;
    gap: 4px;
    padding: 36px 24px 40px;
    text-align: center;
  }
  .empty-title {
    font-size: 14px;
    font-weight: 600;
    letter-spacing: -0.01em;
  }
  .empty-body {
    max-width: 52ch;
    color: var(--pf-muted);
  }
`
