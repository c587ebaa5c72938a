import type { RunsFilter, RunsValues } from '../runs-query.ts'
import { quoteValue } from './filter-terms.ts'
import { VALUE_FIELDS } from './parse-run-filter.ts'

/** A filter as text that {@link parseRunFilter} reads back as the same filter; attributes come back as text. */
export function formatRunFilter(filter: RunsFilter): string {
  const {
    flowId,
    flowIds,
    not,
    parentRunId,
    createdFrom,
    createdBefore,
    durationFromMs,
    durationBelowMs,
    text,
    ...rest
  } = filter
  const flows = flowId === undefined ? flowIds : [...(flowIds ?? []), flowId]
  return [
    ...valueTerms('', { ...rest, ...(flows && { flowIds: flows }) }),
    ...(not ? valueTerms('-', not) : []),
    ...(parentRunId === undefined ? [] : [`parent:${quoteValue(parentRunId)}`]),
    ...(createdFrom === undefined ? [] : [`since:${new Date(createdFrom).toISOString()}`]),
    ...(createdBefore === undefined ? [] : [`until:${new Date(createdBefore).toISOString()}`]),
    ...(durationFromMs === undefined ? [] : [`duration:>${String(durationFromMs)}ms`]),
    ...(durationBelowMs === undefined ? [] : [`duration:<${String(durationBelowMs)}ms`]),
    // In quotes, it is text whatever it looks like.
    ...(text === undefined ? [] : [`"${text.replaceAll(/["\\]/g, '\\$&')}"`]),
  ].join(' ')
}

function valueTerms(sign: string, { tags = [], attributes = {}, ...lists }: RunsValues): readonly string[] {
  const terms = Object.entries(VALUE_FIELDS).flatMap(([field, key]) => {
    const list = lists[key] ?? []
    return list.length === 0 ? [] : [`${sign}${field}:${list.map(quoteValue).join(',')}`]
  })
  return [
    ...terms,
    ...tags.map((tag) => `${sign}tag:${quoteValue(tag)}`),
    ...Object.entries(attributes).map(([name, value]) => `${sign}attr.${quoteName(name)}:${quoteValue(String(value))}`),
  ]
}

function quoteName(name: string): string {
  return /^[^\s:"\\]+$/.test(name) ? name : `"${name.replaceAll(/["\\]/g, '\\$&')}"`
}
