/*
 * The shapes of the API as schemas: what requests are checked with, and what the OpenAPI document is made of. Answers are typed by the
 * engine's views; a test holds real answers against these schemas, so that the document stays true.
 */
import type { Duration, Page } from '@perfect/core'
import { z, type ZodType } from 'zod'

/** Schema of a page of a list. */
export function pageSchema<T>(item: ZodType<T>, id: string): ZodType<Page<T>> {
  return z
    .object({
      items: z.array(item),
      nextCursor: z.string().nullable().describe('Where the next page starts; null on the last page'),
    })
    .meta({ id })
}

/** Schema of an instant: RFC 3339 text in UTC. */
export const instantSchema: ZodType<string> = z.string().meta({ format: 'date-time' })

/** Parameters of a list. */
export interface PageQuery {
  readonly limit: number
  readonly cursor?: string | undefined
}

/** How the parameters of a list are written in a URL. */
export interface PageQueryInput {
  readonly limit?: string
  readonly cursor?: string
}

/** Schema of the parameters of a list. @param defaultLimit Range: 1..200. */
export function pageQuerySchema(defaultLimit: number): ZodType<PageQuery, PageQueryInput> {
  return z.object(pageQueryFields(defaultLimit)) as ZodType<PageQuery, PageQueryInput>
}

/** The fields of {@link pageQuerySchema}, for lists with further parameters. */
export function pageQueryFields(defaultLimit: number): {
  readonly limit: ZodType<number>
  readonly cursor: ZodType<string | undefined>
} {
  return {
    limit: z.coerce.number().int().min(1).max(200).default(defaultLimit).describe('Items of a page'),
    cursor: z.string().max(1000).optional().describe('"nextCursor" of the page before'),
  }
}

/** A list that is given as a whole. */
export interface ListAnswer<T> {
  readonly items: readonly T[]
}

/** Schema of a list that is given as a whole. */
export function listSchema<T>(item: ZodType<T>, id: string): ZodType<ListAnswer<T>> {
  return z.object({ items: z.array(item) }).meta({ id })
}

/** Schema of a length of time. What it may be is the engine's to say: it has a code for it. */
export const durationSchema = z
  .union([z.number(), z.string()])
  .describe('Milliseconds, or text such as "3s" or "5m"') as ZodType<Duration, Duration>
