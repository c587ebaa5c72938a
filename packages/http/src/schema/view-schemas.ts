import type { Page, SavedView, SavedViewOptions, ViewAction } from '@perfect/core'
import { z, type ZodType } from 'zod'

import { canField, type Can } from './action-schemas.ts'
import { instantSchema, pageQuerySchema, pageSchema, type PageQuery, type PageQueryInput } from './page-schema.ts'

const displaySchema = z
  .record(z.string(), z.unknown())
  .describe('How a user interface shows it: sort, columns. Kept as it is, at most 4,096 bytes')

const savedViewSchema: ZodType<SavedView & Can<ViewAction>> = z
  .object({
    id: z.string(),
    name: z.string(),
    filter: z.string().describe('In the grammar of the filters of runs; empty: all runs'),
    display: displaySchema,
    isShared: z.boolean().describe('Whether everybody sees it'),
    owner: z.string().nullable().describe('Who saved it; null when nobody is asked who they are'),
    createdAt: instantSchema,
    updatedAt: instantSchema,
    revision: z.int().min(1).describe('Counts its changes'),
    ...canField<ViewAction>('SavedViewActions', { replace: '', remove: '' }),
  })
  .meta({ id: 'SavedView' })

/** Answer with a saved view. */
export interface ViewAnswer {
  readonly view: SavedView & Can<ViewAction>
}

/** Schema of an answer with a saved view. */
export const viewAnswerSchema: ZodType<ViewAnswer> = z.object({ view: savedViewSchema }).meta({ id: 'ViewAnswer' })

/** Schema of a page of saved views. */
export const viewPageSchema: ZodType<Page<SavedView & Can<ViewAction>>> = pageSchema(savedViewSchema, 'ViewPage')

/** What a saved view says. */
export interface ViewBody extends SavedViewOptions {
  readonly name: string
}

/** Schema of what a saved view says. What the values may be is the engine's to say: it has codes for it. */
export const viewBodySchema: ZodType<ViewBody, ViewBody> = z
  .strictObject({
    name: z.string().describe('1 to 100 characters'),
    filter: z.string().exactOptional().describe('In the grammar of the filters of runs, at most 4,000 characters'),
    display: displaySchema.exactOptional(),
    isShared: z.boolean().exactOptional().describe('Whether everybody sees it; needs the scope "run". Default: false'),
  })
  .meta({ id: 'ViewRequest' })

/** Schema of which saved views. */
export const viewsQuerySchema: ZodType<PageQuery, PageQueryInput> = pageQuerySchema(100)
