/* Parts that messages of both sides have. Objects are loose: fields that a side does not know are ignored. */
import { z } from 'zod'

// No NUL: not every storage takes it.
const name = z
  .string()
  .max(1000)
  .regex(new RegExp(String.raw`^[^\u0000]+$`, 'u'))

export const runKey = {
  runId: name,
  epoch: z.int().min(1).describe('Number of the claim; with another one it is somebody else’s'),
}

export const runKeySchema = z.looseObject(runKey).meta({ id: 'RunKey' })

export const errorSchema = z
  .looseObject({
    type: z.string().min(1).optional(),
    message: z.string().optional(),
    retryable: z.boolean().optional(),
    stack: z.string().optional().describe('Cut at 64 KiB'),
    code: z.string().min(1).optional(),
    get cause() {
      return errorSchema.optional()
    },
  })
  .meta({ id: 'Error' })

export const errorMessage = z
  .looseObject({
    type: z.literal('error'),
    re: z.string().optional().describe('Type of the message that it answers'),
    code: z.string().optional(),
    title: z.string().optional(),
    detail: z.string().optional(),
    fatal: z.boolean().optional().describe('Whether the connection is closed now'),
    expectedSeq: z.int().min(1).optional(),
    runId: name.optional(),
    epoch: z.int().min(1).optional(),
  })
  .meta({ id: 'error', description: 'Something was not understood. Sent by both sides.' })

export const nameSchema: typeof name = name
export const instantSchema = z.string().describe('RFC 3339, UTC, with ms')
