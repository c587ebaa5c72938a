/* The words of a filter text: `-field:a,"b c"` and free text. What the fields mean is in `parse-run-filter.ts`. */
import { PerfectError } from '../../errors/perfect-error.ts'

/** One condition of a filter text. */
export interface FilterTerm {
  /** Where it starts. Unit: characters. */
  readonly at: number
  readonly isNegated: boolean
  /** null for free text. */
  readonly field: string | null
  /** At least one; none is empty. */
  readonly values: readonly string[]
}

const MAX_CHARS = 4000
const FIELD = /^(-?)([a-z]+(?:\.(?:"(?:[^"\\]|\\.)*"|[^\s:"]+))?):/
const VALUE = /^(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/

/** @throws {PerfectError} FILTER_INVALID */
export function readTerms(text: string): readonly FilterTerm[] {
  if (text.length > MAX_CHARS)
    throw invalidFilter(0, `It is longer than ${String(MAX_CHARS)} characters`, 'Ask for less')
  const terms: FilterTerm[] = []
  for (let at = skipSpace(text, 0); at < text.length;) {
    const { term, end } = readTerm(text, at)
    if (end < text.length && !/\s/.test(text[end] ?? ''))
      throw invalidFilter(
        end,
        `There is ${JSON.stringify(text[end])} where a space should be`,
        'Put a value with spaces, commas or quotes in double quotes',
      )
    terms.push(term)
    at = skipSpace(text, end)
  }
  return terms
}

function readTerm(text: string, at: number): { readonly term: FilterTerm; readonly end: number } {
  const [head, sign, field] = FIELD.exec(text.slice(at)) ?? []
  if (head === undefined || field === undefined) {
    const isNegated = text[at] === '-'
    if (isNegated) throw invalidFilter(at, 'Free text cannot be left out', 'Put "-" before a field: -status:failed')
    const { value, end } = readValue(text, at, /^[^\s"]+/)
    return { term: { at, isNegated: false, field: null, values: [value] }, end }
  }
  const values: string[] = []
  let end = at + head.length
  for (;;) {
    const read = readValue(text, end)
    values.push(read.value)
    end = read.end
    if (text[end] !== ',') break
    end++
  }
  return { term: { at, isNegated: sign === '-', field: unquoted(field), values }, end }
}

function readValue(text: string, at: number, plain?: RegExp): { readonly value: string; readonly end: number } {
  const rest = text.slice(at)
  const found = plain && !rest.startsWith('"') ? plain.exec(rest) : VALUE.exec(rest)
  const [whole, quoted, bare] = found ?? []
  if (whole === undefined) throw invalidFilter(at, 'A value is missing, or its quotes do not end', 'Write field:value')
  const value = quoted === undefined ? (bare ?? whole) : quoted.replaceAll(/\\(.)/gs, '$1')
  if (value === '') throw invalidFilter(at, 'A value is empty', 'Give one, or leave the field out')
  return { value, end: at + whole.length }
}

function unquoted(field: string): string {
  return field.replace(/"((?:[^"\\]|\\.)*)"$/s, (_, name: string) => name.replaceAll(/\\(.)/gs, '$1'))
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (at < text.length && /\s/.test(text[at] ?? '')) at++
  return at
}

/** @param at Where in the text. */
export function invalidFilter(at: number, why: string, fix: string): PerfectError<'FILTER_INVALID'> {
  return new PerfectError('FILTER_INVALID', `The filter is not valid at character ${String(at + 1)}: ${why}. ${fix}.`, {
    details: { field: 'filter', at },
  })
}

/** A value as it is written in a filter. */
export function quoteValue(value: string): string {
  return /^[^\s,"\\]+$/.test(value) ? value : `"${value.replaceAll(/["\\]/g, '\\$&')}"`
}
