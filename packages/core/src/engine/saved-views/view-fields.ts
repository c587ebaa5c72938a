/* What users write in a saved view, checked and turned into what is stored. */
import { PerfectError } from '../../errors/perfect-error.ts'
import type { SavedViewRecord } from '../../storage/view-records.ts'
import { parseRunFilter } from '../run-filter/parse-run-filter.ts'
import type { SavedViewOptions } from './view-types.ts'

const MAX_NAME = 100
const MAX_FILTER = 4000
const MAX_DISPLAY_BYTES = 4096

/** @throws {PerfectError} FILTER_INVALID, VIEW_INVALID */
export function toViewFields(
  options: SavedViewOptions,
  now: number,
): Pick<SavedViewRecord, 'name' | 'filter' | 'display' | 'isShared'> {
  const { name, filter = '', display = {}, isShared = false } = options
  if (typeof isShared !== 'boolean') throw invalid('isShared', isShared, 'true or false')
  return { name: toName(name), filter: toFilter(filter, now), display: toDisplay(display), isShared }
}

function toName(name: unknown): string {
  const text = typeof name === 'string' ? name.trim() : ''
  if (text === '' || text.length > MAX_NAME || /\p{Cc}/u.test(text))
    throw invalid('name', name, `1 to ${String(MAX_NAME)} characters without control characters`)
  return text
}

function toFilter(filter: unknown, now: number): string {
  if (typeof filter !== 'string' || filter.length > MAX_FILTER)
    throw invalid('filter', filter, `text of at most ${String(MAX_FILTER)} characters`)
  parseRunFilter(filter, now)
  return filter
}

function toDisplay(display: unknown): string {
  const allowed = `an object of at most ${String(MAX_DISPLAY_BYTES)} bytes of JSON`
  if (typeof display !== 'object' || display === null || Array.isArray(display))
    throw invalid('display', display, allowed)
  let text: unknown
  try {
    text = JSON.stringify(display)
  } catch {
    // Said below.
  }
  // What turns itself into something else than an object is none.
  if (typeof text === 'string' && text.startsWith('{') && Buffer.byteLength(text) <= MAX_DISPLAY_BYTES) return text
  throw invalid('display', text ?? 'no JSON', allowed)
}

function invalid(field: string, value: unknown, allowed: string): PerfectError {
  const shown = String(value).slice(0, 100)
  return new PerfectError(
    'VIEW_INVALID',
    `"${field}" of the saved view is ${JSON.stringify(shown)}. Give ${allowed}.`,
    {
      details: { field, value: shown },
    },
  )
}
