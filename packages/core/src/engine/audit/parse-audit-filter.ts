/* Filters of the audit log, in the grammar of all filters: `actor:ann,ben -action:run.trigger since:24h "free text"`. */
import { AUDIT_OUTCOMES, type AuditFilter, type AuditOutcome, type AuditValues } from '../../storage/audit-records.ts'
import { invalidFilter, readTerms, type FilterTerm } from '../run-filter/filter-terms.ts'
import { toInstant } from '../run-filter/parse-run-filter.ts'

const LISTS: Readonly<Record<string, keyof AuditValues>> = {
  actor: 'actors',
  action: 'actions',
  outcome: 'outcomes',
  door: 'doors',
  target: 'targets',
  flow: 'flowIds',
}
const INSTANTS: Readonly<Record<string, 'from' | 'before'>> = { since: 'from', until: 'before' }

type Draft = { -readonly [K in keyof AuditFilter]: AuditFilter[K] }
type DraftValues = { -readonly [K in keyof AuditValues]: AuditValues[K] }

/**
 * Reads a filter text of the audit log: `actor`, `action`, `outcome`, `door`, `target` and `flow` take values and can be left out with
 * "-"; `since` and `until` take a time or how long ago; anything else is text to be found.
 *
 * @param now What `since:24h` counts from. Unit: ms since 1970 UTC. Default: now.
 * @throws {PerfectError} FILTER_INVALID with the place in the text.
 * @example
 * ```ts
 * const filter = parseAuditFilter('actor:ann -action:run.trigger since:24h')
 * ```
 */
export function parseAuditFilter(text: string, now: number = Date.now()): AuditFilter {
  const filter: Draft = {}
  const not: DraftValues = {}
  const words: string[] = []
  for (const term of readTerms(text))
    if (term.field === null) words.push(...term.values)
    else if (Object.hasOwn(LISTS, term.field)) readList(term.isNegated ? not : filter, term, term.field)
    else readInstant(filter, term, { field: term.field, now })
  if (words.length > 0) filter.text = words.join(' ')
  return { ...filter, ...(Object.keys(not).length > 0 && { not }) }
}

function readList(into: DraftValues, { at, values, isNegated }: FilterTerm, field: string): void {
  const key = LISTS[field] ?? 'actors'
  const unknown = field === 'outcome' ? values.find((value) => !isOutcome(value)) : undefined
  if (unknown !== undefined)
    throw invalidFilter(
      at,
      `${JSON.stringify(unknown.slice(0, 100))} is no outcome`,
      `Give one of ${AUDIT_OUTCOMES.join(', ')}`,
    )
  if (into[key] !== undefined && !isNegated)
    throw invalidFilter(at, `"${field}" is given twice`, `Give all values at once: ${field}:a,b`)
  // Checked above.
  into[key] = [...(into[key] ?? []), ...values] as string[] & AuditOutcome[]
}

function readInstant(
  filter: Draft,
  { at, values, isNegated }: FilterTerm,
  { field, now }: { readonly field: string; readonly now: number },
): void {
  const key = Object.hasOwn(INSTANTS, field) ? INSTANTS[field] : undefined
  if (key === undefined)
    throw invalidFilter(
      at,
      `There is no field ${JSON.stringify(field.slice(0, 100))}`,
      `Use one of ${[...Object.keys(LISTS), ...Object.keys(INSTANTS)].join(', ')}, or put text in double quotes`,
    )
  const [value = '', ...more] = values
  if (more.length > 0 || filter[key] !== undefined) throw invalidFilter(at, `"${field}" takes one value`, 'Give one')
  if (isNegated) throw invalidFilter(at, `"${field}" cannot be left out`, 'Take the "-" away')
  filter[key] = toInstant(value, at, now)
}

function isOutcome(value: string): value is AuditOutcome {
  return AUDIT_OUTCOMES.some((outcome) => outcome === value)
}
