import { AUDIT_OUTCOMES } from '@perfect/core'
import type { AuditView, Page } from '@perfect/core'
import { z, type ZodType } from 'zod'

/** Parameters of the audit log in the URL. */
export interface AuditUrlQueryInput {
  filter?: string | undefined
  limit?: string | undefined
  cursor?: string | undefined
}

interface AuditUrlQuery {
  readonly filter: string
  readonly limit: number
  readonly cursor?: string | undefined
}

/** Which actions. */
export const auditQuerySchema = z.object({
  filter: z
    .string()
    .max(4000)
    .default('')
    .describe(
      'actor:ann,ben -action:run.trigger outcome:failed door:http target:run_1 flow:etl since:24h until:1h "free text"',
    ),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().min(1).max(2000).optional().describe('"nextCursor" of the page before'),
}) as unknown as ZodType<AuditUrlQuery, AuditUrlQueryInput>

const auditChangeSchema = z
  .object({
    field: z.string(),
    before: z.unknown().describe('null when there was nothing; of inputs the SHA-256 and the size'),
    after: z.unknown().describe('null when nothing is left'),
  })
  .meta({ id: 'AuditChange' })

const auditSchema = z
  .object({
    id: z.string(),
    at: z.string(),
    door: z.string().describe('"http", or a name of the host\'s'),
    actor: z.string().nullable().describe('Who did it'),
    address: z.string().nullable().describe("Network address; behind a proxy, the proxy's"),
    requestId: z.string().nullable(),
    action: z.string().describe('Such as "run.cancel"'),
    target: z.string().nullable().describe('Id of what it was done to'),
    flowId: z.string().nullable(),
    outcome: z.enum(AUDIT_OUTCOMES).describe('"begun": it is going on, or the process ended before it was known'),
    code: z.string().nullable(),
    changes: z.array(auditChangeSchema),
    facts: z.record(z.string(), z.unknown()),
    endedAt: z.string().nullable(),
  })
  .meta({ id: 'AuditEntry' })

/** A page of the audit log. */
export const auditPageSchema = z
  .object({ items: z.array(auditSchema), nextCursor: z.string().nullable() })
  .meta({ id: 'AuditPage' }) as unknown as ZodType<Page<AuditView>>
