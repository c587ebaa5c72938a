/* What lists ask of the page that is wanted, and how the place of the next one is written down. */
import { PerfectError } from '../errors/perfect-error.ts'

/** @throws {PerfectError} REQUEST_INVALID when it is no whole number from 1 to `max`. */
export function checkLimit(limit: number, max: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= max) return limit
  throw new PerfectError(
    'REQUEST_INVALID',
    `"limit" is ${String(limit)}. Give a whole number from 1 to ${String(max)}.`,
    { details: { field: 'limit', value: String(limit) } },
  )
}

/** The refusal of a cursor that the list has not made. */
export function cursorInvalid(cursor: string): PerfectError<'CURSOR_INVALID'> {
  return new PerfectError('CURSOR_INVALID', 'The cursor was not made by this list. Start again without one.', {
    details: { field: 'cursor', value: cursor.slice(0, 100) },
  })
}

/** A cursor of some values. */
export function toCursor(...values: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url')
}

/**
 * The values of a cursor. `isOurs`: whether they are what the list puts into one.
 *
 * @throws {PerfectError} CURSOR_INVALID
 */
export function fromCursor<T extends readonly unknown[]>(
  cursor: string,
  isOurs: (values: readonly unknown[]) => values is T,
): T {
  try {
    const values: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (Array.isArray(values) && isOurs(values)) return values
  } catch {
    // Said below.
  }
  throw cursorInvalid(cursor)
}
