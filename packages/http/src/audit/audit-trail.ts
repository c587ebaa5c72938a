/*
 * Writes down what a request does. `access` makes a trail for each request of an audited route; it begins when the body has been checked
 * and before the route runs, and ends with the answer. What cannot be written down is not done.
 */
import type { AuditEnd, AuditEntry, BegunAction, FlowEngine } from '@perfect/core'
import { PerfectError } from '@perfect/core'
import type { Context } from 'hono'

import type { ApiContext, ApiEnv, RequestFacts } from '../api-context.ts'
import { addressOf } from '../auth/address.ts'
import { changesOf, keptValues, type AuditInputs, type Values } from './hidden-values.ts'
import type { AuditFacts } from './route-audit.ts'
import { flowOfMissing, look, type Snapshot, type SnapshotKind } from './snapshot.ts'

/** What a trail works with. */
export interface AuditTrailParts {
  readonly engine: FlowEngine
  readonly inputs: AuditInputs
  readonly report: ApiContext['report']
}

const PARAMETERS: Readonly<Record<AuditFacts['of'], string>> = {
  flow: 'flowId',
  run: 'runId',
  schedule: 'scheduleId',
  alert: 'alertId',
  view: 'viewId',
  worker: 'workerId',
  client: 'id',
  selection: 'selectionId',
  signal: 'name',
}

/** What one request does. */
export class AuditTrail {
  readonly #parts: AuditTrailParts
  readonly #route: AuditFacts
  #action: BegunAction | null = null
  #target = ''
  #before: Snapshot | null = null
  #withRun: AuditEntry | null = null

  constructor(parts: AuditTrailParts, route: AuditFacts) {
    this.#parts = parts
    this.#route = route
  }

  /** Writes down what is going to be done. @throws {PerfectError} STORAGE_UNAVAILABLE, ENGINE_STOPPED */
  async begin(c: Context<ApiEnv>): Promise<void> {
    const { engine, inputs } = this.#parts
    const { action, of, isPrivate } = this.#route
    const body = bodyOf(c)
    this.#target = targetOf(c, of, body)
    // A run that is new whatever happens takes its entry along, and the engine adds its flow.
    if (action === 'flow.trigger' && isNewRun(c, body)) {
      this.#withRun = { ...callerOf(c), action, target: this.#target || null, facts: keptValues(body, inputs) }
      return
    }
    const kind = kindOf(of)
    // A flow that is registered is looked at; one that is run is as it was.
    if (kind !== null && action !== 'flow.trigger') this.#before = await look(engine, kind, this.#target)
    if (isPrivate?.({ body, before: this.#before, actor: callerOf(c).actor }) === true) return
    const name = c.req.param('name')
    const entry: AuditEntry = {
      ...callerOf(c),
      action,
      // Nothing is named when all clients are meant.
      target: this.#before?.id || this.#target || null,
      flowId: this.#before?.flowId ?? (kind && flowOfMissing(engine, kind, this.#target)),
      facts: { ...keptValues(body, inputs), ...(name !== undefined && { name }) },
    }
    const isTrigger = action === 'flow.trigger' && engine.state === 'running'
    this.#action = await (isTrigger ? engine.audit.beginWith(entry) : engine.audit.begin(entry))
  }

  /** What is to be stored with the run that the request starts. */
  get withRun(): AuditEntry | null {
    return this.#withRun
  }

  /** Writes down what came of it. */
  async end(c: Context<ApiEnv>): Promise<void> {
    const action = this.#action
    const entry = this.#withRun
    // It is stored with the run.
    if (action === null && (entry === null || c.res.status < 400)) return
    const ended = this.#endOf(c)
      .then((end) => (action === null ? entry && this.#recordRefused(entry, end) : action.end(end)))
      .catch((error: unknown) => {
        const { method, path } = c.req
        // Of a storage that is away the host has heard with the action.
        const isKnown = PerfectError.is(error) && (error.code === 'ENGINE_STOPPED' || c.res.status === 503)
        if (!isKnown) this.#parts.report(error, { id: c.get('perfect').id, method, path })
      })
    // Who triggers does not wait for a second write.
    if (this.#route.action !== 'flow.trigger') await ended
  }

  /** What started no run. */
  #recordRefused(entry: AuditEntry, end: AuditEnd): Promise<void> {
    const { engine } = this.#parts
    return engine.audit.record({ ...entry, flowId: flowOfMissing(engine, 'flow', this.#target) }, end)
  }

  async #endOf(c: Context<ApiEnv>): Promise<AuditEnd> {
    const { status, headers } = c.res
    const made = headers.get('location')
    const replayed = headers.has('idempotency-replayed')
    const facts = { ...(made !== null && { made }), ...(replayed && { replayed }) }
    const code = status < 400 ? null : PerfectError.is(c.error) ? c.error.code : 'INTERNAL'
    const outcome = status < 400 ? 'done' : status < 500 ? 'refused' : 'failed'
    if (code !== null) return { outcome, code, facts }
    return { outcome, facts, ...(await this.#changes(made)) }
  }

  async #changes(made: string | null): Promise<Partial<AuditEnd>> {
    const { engine, inputs } = this.#parts
    const { action, of } = this.#route
    const kind = kindOf(of)
    const madeId = decodeURIComponent(made?.split('/').at(-1) ?? '')
    if (action === 'flow.trigger') return { target: madeId }
    if (kind === null) return {}
    const after = await look(engine, kind, action.endsWith('.create') ? madeId : this.#target)
    return {
      changes: changesOf(this.#before?.values ?? null, after?.values ?? null, inputs),
      ...(after !== null && this.#before === null && { target: after.id, flowId: after.flowId }),
    }
  }
}

const trails = new WeakMap<RequestFacts, AuditTrail>()

/** Gives a request its trail. */
export function setTrail(facts: RequestFacts, trail: AuditTrail): void {
  trails.set(facts, trail)
}

/** Whether a request is written down. */
export function isAudited(c: Context<ApiEnv>): boolean {
  return trails.has(c.get('perfect'))
}

/** Begins the trail of a request, when it has one. */
export async function beginTrail(c: Context<ApiEnv>): Promise<void> {
  await trails.get(c.get('perfect'))?.begin(c)
}

/** What is to be stored with the run that a request starts. */
export function auditWithRun(c: Context<ApiEnv>): { readonly audit?: AuditEntry } {
  const entry = trails.get(c.get('perfect'))?.withRun
  return entry ? { audit: entry } : {}
}

/** Whether a trigger makes a run of its own, whatever runs there are. */
function isNewRun(c: Context<ApiEnv>, body: Values): boolean {
  if (c.req.header('idempotency-key') !== undefined) return false
  return ['idempotencyKey', 'dedupe', 'debounce'].every((field) => body[field] === undefined)
}

/** Who sends a request, for the audit log. */
export function callerOf(c: Context<ApiEnv>): Pick<AuditEntry, 'door' | 'actor' | 'address' | 'requestId'> {
  const { principal, id } = c.get('perfect')
  return { door: 'http', actor: principal?.name ?? null, address: addressOf(c), requestId: id }
}

function bodyOf(c: Context<ApiEnv>): Values {
  return (c.req.valid('json' as never) as Values | undefined) ?? {}
}

function targetOf(c: Context<ApiEnv>, of: AuditFacts['of'], body: Values): string {
  const named = c.req.param(PARAMETERS[of]) ?? body[of === 'flow' ? 'id' : PARAMETERS[of]] ?? body['name']
  return typeof named === 'string' ? named : ''
}

function kindOf(of: AuditFacts['of']): SnapshotKind | null {
  return of === 'selection' || of === 'signal' ? null : of
}
