import { ERROR_CODES, type ActionView, type ErrorCode, type RunActionsView } from '@perfect/core'
import { z, type ZodType } from 'zod'

const codes = Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]

// One object for both answers, so that a description of it has fields.
const actionSchema = z
  .object({
    ok: z.boolean(),
    code: z.enum(codes).exactOptional().describe('What it would be refused with, when it is not ok'),
    why: z.string().exactOptional().describe('For people, when it is not ok'),
  })
  .meta({ id: 'Action' }) as unknown as ZodType<ActionView>

/** Schema of what the caller can do with a run. */
export const runActionsSchema: ZodType<RunActionsView> = z
  .object({
    cancel: actionSchema,
    pause: actionSchema,
    resume: actionSchema,
    retry: actionSchema.describe('With the input and configuration of the run, taking over what has succeeded'),
    retryFromStart: actionSchema,
    signal: actionSchema,
    verify: actionSchema,
    remove: actionSchema,
  })
  .meta({ id: 'RunActions' })
