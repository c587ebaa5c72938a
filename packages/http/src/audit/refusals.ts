/*
 * Callers that were refused, in the audit log. Whoever is refused decides how often that happens, so only so many are written down, and
 * the next one says how many were not.
 */
import { PerfectError, type FlowEngine } from '@perfect/core'
import type { Context } from 'hono'

import type { ApiContext, ApiEnv } from '../api-context.ts'
import { RateLimit } from '../auth/rate-limit.ts'
import { callerOf } from './audit-trail.ts'

const REFUSALS: ReadonlySet<string> = new Set([
  'UNAUTHORIZED',
  'FORBIDDEN',
  'FLOW_NOT_PERMITTED',
  'HOST_NOT_ALLOWED',
  'ORIGIN_NOT_ALLOWED',
])
// Of one caller and of all together.
const PER_CALLER = { perMinute: 6, burst: 3 }
const IN_ALL = { perMinute: 60, burst: 30 }

/** Writes down who was refused. */
export class AuditRefusals {
  readonly #engine: FlowEngine
  readonly #report: ApiContext['report']
  readonly #each: RateLimit
  readonly #all: RateLimit
  #left = 0

  constructor(engine: FlowEngine, report: ApiContext['report']) {
    this.#engine = engine
    this.#report = report
    const now = (): number => performance.now()
    this.#each = new RateLimit(PER_CALLER, now)
    this.#all = new RateLimit(IN_ALL, now)
  }

  /** Writes an error down, when it is a refusal of a caller. Nobody waits for it. */
  note(c: Context<ApiEnv>, error: unknown): void {
    if (!PerfectError.is(error) || !REFUSALS.has(error.code)) return
    const caller = callerOf(c)
    const { method, path } = c.req
    if (!this.#mayNote(caller.actor ?? caller.address ?? '')) {
      this.#left++
      return
    }
    const facts = { method, path: path.slice(0, 500), ...(this.#left > 0 && { notWritten: this.#left }) }
    this.#left = 0
    const { flow, action } = error.details
    this.#engine.audit
      .record(
        {
          ...caller,
          action: 'auth.refused',
          flowId: typeof flow === 'string' ? flow : null,
          facts: { ...facts, ...(typeof action === 'string' && { asked: action }) },
        },
        { outcome: 'refused', code: error.code },
      )
      .catch((failure: unknown) => {
        if (!PerfectError.is(failure, 'ENGINE_STOPPED'))
          this.#report(failure, { id: c.get('perfect').id, method, path })
      })
  }

  #mayNote(caller: string): boolean {
    try {
      this.#each.take(caller)
      this.#all.take('')
      return true
    } catch {
      return false
    }
  }
}
