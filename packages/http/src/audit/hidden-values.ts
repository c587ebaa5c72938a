/* What the audit log keeps of values that may be secret, or large: that they were there, and whether two are the same. */
import { hash } from 'node:crypto'

import type { AuditChange } from '@perfect/core'

/** How much of inputs and payloads the audit log keeps. `hash`: SHA-256 and size of their JSON. */
export type AuditInputs = 'hash' | 'whole'

/** Values by name. */
export type Values = Readonly<Record<string, unknown>>

// What users send as data; everything else in a body says what is to be done.
const DATA_FIELDS: ReadonlySet<string> = new Set(['input', 'payload', 'attributes', 'inputSchema', 'details'])
const MAX_CHARS = 1000

/** Values as the audit log keeps them. */
export function keptValues(values: Values, inputs: AuditInputs): Values {
  const kept: (readonly [string, unknown])[] = []
  for (const [field, value] of Object.entries(values))
    if (value !== undefined) kept.push([field, keptValue(field, value, inputs)])
  return Object.fromEntries(kept)
}

/** What is different in two states of a thing; null is a thing that is not there. */
export function changesOf(before: Values | null, after: Values | null, inputs: AuditInputs): readonly AuditChange[] {
  const fields = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])
  return [...fields].flatMap((field) => {
    const [was, is] = [before?.[field] ?? null, after?.[field] ?? null]
    if (JSON.stringify(was) === JSON.stringify(is)) return []
    return [{ field, before: keptValue(field, was, inputs), after: keptValue(field, is, inputs) }]
  })
}

function keptValue(field: string, value: unknown, inputs: AuditInputs): unknown {
  if (value === null || value === undefined) return null
  const text = JSON.stringify(value)
  const isData = DATA_FIELDS.has(field)
  if (isData ? inputs === 'whole' : text.length <= MAX_CHARS) return value
  return { sha256: hash('sha256', text), bytes: Buffer.byteLength(text) }
}
