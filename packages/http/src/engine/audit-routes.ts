import type { AuditView, Page } from '@perfect/core'
import { parseAuditFilter } from '@perfect/core/filter'
import { Hono } from 'hono'

import type { ApiContext, ApiEnv } from '../api-context.ts'
import { openCursor, sealCursor } from '../cursors.ts'
import { linkNext } from '../links.ts'
import { shownTo } from '../permit/flow-guard.ts'
import { query } from '../query.ts'
import { ROUTES } from '../route-table.ts'
import { answer, declared, type Endpoint } from '../route-types.ts'
import { auditPageSchema, auditQuerySchema, type AuditUrlQueryInput } from '../schema/audit-schemas.ts'
import { readShown } from './read-shown.ts'

/** Routes of the audit log. */
export type AuditRoutes = {
  '/engine/audit': { $get: Endpoint<{ query?: AuditUrlQueryInput }, Page<AuditView>> }
}

/** Who did what. */
export function auditRoutes({ engine, access }: ApiContext): Hono<ApiEnv, AuditRoutes> {
  return declared<AuditRoutes>()(
    new Hono<ApiEnv>().get(
      ROUTES.listAudit.path,
      access('listAudit', auditPageSchema),
      query(auditQuerySchema),
      async (c) => {
        const { filter, limit, cursor } = c.req.valid('query')
        const asked = { filter }
        const wanted = parseAuditFilter(filter)
        const isShown = await shownTo(c)
        const page = await readShown(
          (place) => engine.getAudit({ ...wanted, ...place }),
          ({ flowId }) => flowId === null || isShown({ flowId }),
          { limit, cursor: cursor === undefined ? null : openCursor(asked, cursor) },
        )
        const sealed: Page<AuditView> = { ...page, nextCursor: sealCursor(asked, page.nextCursor) }
        linkNext(c, 'cursor', sealed.nextCursor)
        return answer(c, sealed, 200)
      },
    ),
  )
}
