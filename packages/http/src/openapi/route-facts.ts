import type { ErrorCode } from '@perfect/core'

/** What is told of a route. */
export interface RouteDocs {
  readonly tag: string
  readonly summary: string
  /** Status of the answer when nothing goes wrong. */
  readonly status: 101 | 200 | 201 | 202 | 204
  /** Codes it can refuse with, besides those of every route. */
  readonly codes: readonly ErrorCode[]
  /** Media type of the answer. Default: JSON. */
  readonly media?: string
  /** Other statuses of success. */
  readonly also?: Readonly<Partial<Record<200 | 202 | 304, string>>>
  /** Headers that it looks at. */
  readonly headers?: readonly RequestHeader[]
}

/** Headers that routes look at. */
export type RequestHeader = 'Idempotency-Key' | 'If-Match' | 'If-None-Match' | 'Prefer'

/** What is told of routes that answer with a tag. */
export const TAGGED: Required<Pick<RouteDocs, 'also' | 'headers'>> = {
  also: { 304: 'Nothing has changed since the answer with this tag' },
  headers: ['If-None-Match'],
}

/** What is told of routes that keep their answers for requests that are sent again. */
export const IDEMPOTENT: Required<Pick<RouteDocs, 'headers'>> = { headers: ['Idempotency-Key'] }

/** Codes of those routes. */
export const KEY_CODES: readonly ErrorCode[] = ['IDEMPOTENCY_MISMATCH', 'IDEMPOTENCY_BUSY']
