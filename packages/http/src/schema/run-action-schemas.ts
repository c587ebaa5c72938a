import type {
  ApprovalAction,
  PendingApproval,
  ReplayReport,
  RetryRunOptions,
  RunExplanation,
  SentSignal,
  VerifyReplayOptions,
} from '@perfect/core'
import { z, type ZodType } from 'zod'

import { canField, type Can } from './action-schemas.ts'
import { instantSchema, listSchema, type ListAnswer } from './page-schema.ts'

const word = z.string().min(1).max(200)

/** How a run is tried again. */
export type RetryBody = Pick<RetryRunOptions, 'from' | 'input' | 'configuration'>

/** Schema of how a run is tried again. */
export const retryBodySchema: ZodType<RetryBody, RetryBody> = z
  .strictObject({
    from: z
      .string()
      .min(1)
      .max(2000)
      .exactOptional()
      .describe('"failed": what has succeeded is kept; "start": nothing is; or the key of a task. Default: "failed"'),
    input: z.unknown().optional().describe('Another input. Default: that of the run'),
    configuration: z.string().exactOptional(),
  })
  .meta({ id: 'RetryRequest' })

/** A signal to send to a run. */
export interface SignalBody {
  readonly name: string
  readonly payload?: unknown
  /** Sending the same id again changes nothing. */
  readonly id?: string
}

const signalFields = { name: word, payload: z.unknown().optional(), id: word.exactOptional() }

/** Schema of a signal to send to a run. */
export const signalBodySchema: ZodType<SignalBody, SignalBody> = z
  .strictObject(signalFields)
  .meta({ id: 'SignalRequest' })

/** A signal to whoever waits for it with this `match`. */
export interface MatchedSignalBody extends SignalBody {
  readonly match: string
}

/** Schema of a signal to whoever waits for it. */
export const matchedSignalBodySchema: ZodType<MatchedSignalBody, MatchedSignalBody> = z
  .strictObject({ ...signalFields, match: word })
  .meta({ id: 'MatchedSignalRequest' })

/** Schema of what became of a signal. */
export const sentSignalSchema: ZodType<SentSignal> = z
  .object({ id: z.string(), takenBy: z.string().nullable().describe('The run that took it at once') })
  .meta({ id: 'SentSignal' })

/** A decision. */
export interface ApprovalBody {
  readonly approved: boolean
  readonly comment?: string
}

/** Schema of a decision. Who decides is whoever sends it. */
export const approvalBodySchema: ZodType<ApprovalBody, ApprovalBody> = z
  .strictObject({ approved: z.boolean(), comment: z.string().max(2000).exactOptional() })
  .meta({ id: 'ApprovalRequest' })

const approvalSchema: ZodType<PendingApproval & Can<ApprovalAction>> = z
  .object({
    runId: z.string(),
    flowId: z.string(),
    name: z.string(),
    title: z.string().nullable(),
    details: z.unknown().describe('Structured values carry a "$type"'),
    approvers: z.array(z.string()).nullable().describe('Who may decide; null: anybody'),
    since: instantSchema,
    until: instantSchema.nullable(),
    ...canField<ApprovalAction>('ApprovalActions', { answer: '' }),
  })
  .meta({ id: 'PendingApproval' })

/** Schema of the approvals that runs wait for. */
export const approvalListSchema: ZodType<ListAnswer<PendingApproval & Can<ApprovalAction>>> = listSchema(
  approvalSchema,
  'ApprovalList',
)

/** Schema of how a replay is proved. */
export const verifyBodySchema: ZodType<VerifyReplayOptions, VerifyReplayOptions> = z
  .strictObject({ orders: z.int().min(1).max(1000).exactOptional().describe('Orders of results to try. Default: 10') })
  .meta({ id: 'VerifyReplayRequest' })

/** Schema of what a proof found. */
export const replayReportSchema: ZodType<ReplayReport> = z
  .object({
    ok: z.boolean(),
    orders: z.int().min(0),
    differences: z.array(
      z.object({
        kind: z.enum(['arguments', 'new', 'missing', 'result', 'stuck']),
        key: z.string().nullable(),
        text: z.string(),
      }),
    ),
  })
  .meta({ id: 'ReplayReport' })

/** Schema of why a run is where it is. */
export const explanationSchema: ZodType<RunExplanation> = z
  .object({
    runId: z.string(),
    text: z.string(),
    advice: z.string().nullable(),
    get child(): ZodType<RunExplanation | null> {
      return explanationSchema.nullable()
    },
  })
  .meta({ id: 'RunExplanation' })
