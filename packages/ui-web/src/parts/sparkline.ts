import { css, svg, html, type CSSResult, type TemplateResult } from 'lit'

const WIDTH = 72
const HEIGHT = 18

/** A small line of the last values, from zero to `top`, newest at the right. Numbers beside it say the same to those who cannot see it. */
export function sparkline(values: readonly number[], top: number): TemplateResult {
  const step = WIDTH / Math.max(1, values.length - 1)
  const points = values.map((value, index) => {
    const share = Math.min(1, value / Math.max(top, Number.MIN_VALUE))
    return `${(index * step).toFixed(1)},${(HEIGHT - 1 - share * (HEIGHT - 2)).toFixed(1)}`
  })
  return html`<svg class="sparkline" viewBox="0 0 ${String(WIDTH)} ${String(HEIGHT)}" aria-hidden="true">
    ${svg`<polyline points=${points.join(' ')} />`}
  </svg>`
}

/** Style of a sparkline. */
export const sparklineStyles: CSSResult = css`
  .sparkline {
    width: 72px;
    height: 18px;
    vertical-align: -4px;
    margin-inline-start: 8px;
    fill: none;
    stroke: var(--pf-accent);
    stroke-width: 1.5;
    stroke-linejoin: round;
  }
`
