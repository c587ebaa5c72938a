import { ERROR_CODES, type ErrorCode } from '@perfect/core'
import { z, type ZodType } from 'zod'

import type { Problem } from '../problem.ts'

/** Schema of every answer that is not a success. */
export const problemSchema: ZodType<Problem> = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string(),
    instance: z.string(),
    code: z.enum(Object.keys(ERROR_CODES) as ErrorCode[]),
    errors: z.array(z.object({ pointer: z.string(), message: z.string() })).exactOptional(),
    details: z.record(z.string(), z.unknown()).exactOptional(),
  })
  .meta({ id: 'Problem' })
