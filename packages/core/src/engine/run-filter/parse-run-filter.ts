/*
 * The one grammar of filters, for the API, the command line and the dashboard:
 * `status:failed,cancelled -flow:etl tag:nightly attr.region:eu since:24h duration:>5m "free text"`.
 * Everything has to fit; of several values one; "-" leaves out. Pure: nothing here knows an engine.
 */
import { toMs, type Duration } from '../../primitives/duration.ts'
import { RUN_STATUSES, TRIGGER_KINDS, type RunStatus, type RunTrigger } from '../../storage/records.ts'
import type { RunsFilter, RunsValues } from '../runs-query.ts'
import { invalidFilter, readTerms, type FilterTerm } from './filter-terms.ts'

/** Fields that take one or more values. */
export const VALUE_FIELDS: {
  readonly flow: 'flowIds'
  readonly status: 'statuses'
  readonly configuration: 'configurations'
  readonly trigger: 'triggers'
  readonly schedule: 'scheduleIds'
  readonly version: 'versions'
} = {
  flow: 'flowIds',
  status: 'statuses',
  configuration: 'configurations',
  trigger: 'triggers',
  schedule: 'scheduleIds',
  version: 'versions',
}

const OTHER_FIELDS: readonly string[] = ['tag', 'attr.<name>', 'parent', 'since', 'until', 'duration']
const KNOWN: Readonly<Partial<Record<string, readonly string[]>>> = { status: RUN_STATUSES, trigger: TRIGGER_KINDS }

type Draft = { -readonly [K in keyof RunsFilter]: RunsFilter[K] }
type DraftValues = { -readonly [K in keyof RunsValues]: RunsValues[K] }

/**
 * Reads a filter text.
 *
 * @param now What `since:24h` counts from. Unit: ms since 1970 UTC. Default: now.
 * @throws {PerfectError} FILTER_INVALID with the place in the text.
 * @example
 * ```ts
 * const filter = parseRunFilter('status:failed -flow:etl since:24h')
 * ```
 */
export function parseRunFilter(text: string, now: number = Date.now()): RunsFilter {
  const filter: Draft = {}
  const not: DraftValues = {}
  const words: string[] = []
  for (const term of readTerms(text)) {
    if (term.field === null) words.push(...term.values)
    else if (!readValues(term.isNegated ? not : filter, term, term.field)) readSingle(filter, term, term.field, now)
  }
  if (words.length > 0) filter.text = words.join(' ')
  return { ...filter, ...(Object.keys(not).length > 0 && { not }) }
}

/** Reads fields that can also be left out; gives false for others. */
function readValues(into: DraftValues, { at, values, isNegated }: FilterTerm, field: string): boolean {
  if (Object.hasOwn(VALUE_FIELDS, field)) {
    const key = VALUE_FIELDS[field as keyof typeof VALUE_FIELDS]
    for (const value of values)
      if (KNOWN[field]?.includes(value) === false)
        throw invalidFilter(
          at,
          `${JSON.stringify(value.slice(0, 100))} is no ${field}`,
          `Give one of ${KNOWN[field].join(', ')}`,
        )
    if (into[key] !== undefined && !isNegated)
      throw invalidFilter(at, `"${field}" is given twice`, `Give all values at once: ${field}:a,b`)
    // Checked above.
    const all = [...(into[key] ?? []), ...values] as string[] & RunStatus[] & RunTrigger['kind'][]
    into[key] = all
    return true
  }
  if (field !== 'tag' && !field.startsWith('attr.')) return false
  const [value = '', ...more] = values
  if (field === 'tag') {
    if (more.length > 0 && !isNegated)
      throw invalidFilter(at, 'A run has to have every tag', 'Give each by itself: tag:a tag:b')
    into.tags = [...(into.tags ?? []), ...values]
    return true
  }
  const name = field.slice('attr.'.length)
  if (more.length > 0 || Object.hasOwn(into.attributes ?? {}, name))
    throw invalidFilter(at, `The attribute ${JSON.stringify(name.slice(0, 100))} has more than one value`, 'Give one')
  into.attributes = Object.fromEntries([...Object.entries(into.attributes ?? {}), [name, value]])
  return true
}

function readSingle(filter: Draft, { at, values, isNegated }: FilterTerm, field: string, now: number): void {
  const [value = '', ...more] = values
  if (!OTHER_FIELDS.includes(field))
    throw invalidFilter(
      at,
      `There is no field ${JSON.stringify(field.slice(0, 100))}`,
      `Use one of ${[...Object.keys(VALUE_FIELDS), ...OTHER_FIELDS].join(', ')}, or put text in double quotes`,
    )
  if (more.length > 0) throw invalidFilter(at, `"${field}" takes one value`, 'Give one')
  if (isNegated) throw invalidFilter(at, `"${field}" cannot be left out`, 'Take the "-" away')
  if (field === 'parent') setOnce(filter, 'parentRunId', value, at)
  else if (field === 'since') setOnce(filter, 'createdFrom', toInstant(value, at, now), at)
  else if (field === 'until') setOnce(filter, 'createdBefore', toInstant(value, at, now), at)
  else if (value.startsWith('>')) setOnce(filter, 'durationFromMs', toDuration(value.slice(1), at), at)
  else if (value.startsWith('<')) setOnce(filter, 'durationBelowMs', toDuration(value.slice(1), at), at)
  else throw invalidFilter(at, '"duration" needs a side', 'Write duration:>5s or duration:<5s')
}

function setOnce<K extends keyof Draft>(filter: Draft, key: K, value: NonNullable<Draft[K]>, at: number): void {
  if (filter[key] !== undefined) throw invalidFilter(at, 'This is given twice', 'Give it once')
  filter[key] = value
}

/** An instant, or how long ago. */
export function toInstant(text: string, at: number, now: number): number {
  const instant = /^\d{4}-/.test(text) ? Date.parse(text) : now - toDuration(text, at)
  if (!Number.isNaN(instant)) return instant
  throw invalidFilter(
    at,
    `${JSON.stringify(text.slice(0, 100))} is no time`,
    'Write 2026-11-22, 2026-11-22T08:00:00Z or 24h',
  )
}

function toDuration(text: string, at: number): number {
  try {
    return toMs(text as Duration, 'duration')
  } catch {
    throw invalidFilter(
      at,
      `${JSON.stringify(text.slice(0, 100))} is no duration`,
      'Write for example 500ms, 5s, 10m or 24h',
    )
  }
}
