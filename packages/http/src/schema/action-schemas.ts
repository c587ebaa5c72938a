import { ERROR_CODES, type ActionsView, type ActionView, type ErrorCode } from '@perfect/core'
import { z, type ZodType } from 'zod'

/** What can be done with a flow. */
export type FlowAction = 'trigger' | 'schedule' | 'remove'

/** What can be done with a worker. */
export type WorkerAction = 'drain'

/** What can be done with an alert. */
export type AlertAction = 'retry'

const codes = Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]

// One object for both answers, so that a description of it has fields.
const actionSchema = z
  .object({
    ok: z.boolean(),
    code: z.enum(codes).exactOptional().describe('What it would be refused with, when it is not ok'),
    why: z.string().exactOptional().describe('For people, when it is not ok'),
  })
  .meta({ id: 'Action' }) as unknown as ZodType<ActionView>

/** What the caller can do with something now, and why not. */
export interface Can<A extends string> {
  readonly can: ActionsView<A>
}

/** The field of an object that says what the caller can do with it. `descriptions`: of each action; empty when its name says it. */
export function canField<A extends string>(
  id: string,
  descriptions: Readonly<Record<A, string>>,
): { readonly can: ZodType<ActionsView<A>> } {
  const actions = Object.entries<string>(descriptions).map(([action, text]) => [
    action,
    text === '' ? actionSchema : actionSchema.describe(text),
  ])
  const schema = z.object(Object.fromEntries(actions) as Record<A, ZodType<ActionView>>).meta({ id })
  const can = schema.describe('What the caller can do with it now, and why not') as unknown as ZodType<ActionsView<A>>
  return { can }
}
