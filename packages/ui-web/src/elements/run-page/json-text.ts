import { css, html, type CSSResult, type TemplateResult } from 'lit'

/** JSON longer than this is cut in the page. Unit: characters. Copying gives the whole. */
const LONGEST = 20_000

const TOKEN = /(?<key>"(?:[^"\\]|\\.)*")(?=\s*:)|(?<text>"(?:[^"\\]|\\.)*")|(?<other>-?\d[\d.eE+-]*|true|false|null)/g

/** A value as indented JSON with quiet colours; text nodes and spans only. */
export function jsonText(value: unknown): TemplateResult {
  const whole = toJson(value)
  const json = whole.length > LONGEST ? `${whole.slice(0, LONGEST)}\n…` : whole
  const parts: (string | TemplateResult)[] = []
  let start = 0
  for (const match of json.matchAll(TOKEN)) {
    parts.push(json.slice(start, match.index))
    const kind = match.groups?.['key'] === undefined ? 'value' : 'key'
    parts.push(html`<span class="json-${kind}">${match[0]}</span>`)
    start = match.index + match[0].length
  }
  parts.push(json.slice(start))
  return html`${parts}`
}

/** A value as indented JSON. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, null, 2)
}

/** Styles of the JSON. */
export const jsonTextStyles: CSSResult = css`
  .json {
    max-height: 320px;
    padding: 0 16px 14px;
    overflow: auto;
    font: 12px/1.65 var(--pf-mono);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    color: var(--pf-faint);
  }
  .json:focus-visible {
    outline-offset: -2px;
  }
  .json-key {
    color: var(--pf-muted);
  }
  .json-value {
    color: var(--pf-fg);
  }
`
