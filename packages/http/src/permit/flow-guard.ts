/*
 * What one request may do with flows. Routes ask it; `guard-route.ts` asks it for routes that name a flow or a run in their path. Who it
 * is that asks was found out by `auth/access.ts`.
 */
import { PerfectError } from '@perfect/core'
import type { Context } from 'hono'

import type { ApiEnv, RequestFacts } from '../api-context.ts'
import type { PermitAction, PermitQuestion } from './permit.ts'

/** Asks the host for one request. */
export type AskPermit = (question: Pick<PermitQuestion, 'action' | 'flow' | 'run'>) => Promise<boolean>

/** What a request may do with flows. */
export interface FlowGuard {
  may(action: PermitAction, flow: string, run?: string): Promise<boolean>
  /** @throws {PerfectError} FLOW_NOT_PERMITTED */
  check(action: PermitAction, flow: string, run?: string): Promise<void>
  /** Throws unless it may do it with every flow. @throws {PerfectError} FLOW_NOT_PERMITTED */
  checkEvery(action: PermitAction): Promise<void>
  /** Ids of the flows that it may read, of all that are known; null: all, nobody has rules. */
  readable(): Promise<ReadonlySet<string> | null>
}

/** Of routers without rules. */
const NO_GUARD: FlowGuard = {
  may: () => Promise.resolve(true),
  check: () => Promise.resolve(),
  checkEvery: () => Promise.resolve(),
  readable: () => Promise.resolve(null),
}

/** Makes the guard of a request. @param known Gives the ids of all flows. */
export function createGuard(ask: AskPermit, known: () => Promise<readonly string[]>): FlowGuard {
  const may: FlowGuard['may'] = (action, flow, run) => ask({ action, flow, ...(run !== undefined && { run }) })
  const check: FlowGuard['check'] = async (action, flow, run) => {
    if (!(await may(action, flow, run))) throw notPermitted(action, flow, run)
  }
  return {
    may,
    check,
    async checkEvery(action) {
      const verdicts = await Promise.all((await known()).map((flow) => may(action, flow)))
      // Which one it is that the caller may not is not the caller's to know.
      if (verdicts.includes(false)) throw notPermitted(action, EVERY_FLOW)
    },
    async readable() {
      const flows = await known()
      const verdicts = await Promise.all(flows.map((flow) => may('read', flow)))
      return new Set(flows.filter((_flow, index) => verdicts[index]))
    },
  }
}

/** Stands for all flows in a refusal. */
const EVERY_FLOW = '*'

// Not a part of what routes are told of their request: hosts have no use for it.
const guards = new WeakMap<RequestFacts, FlowGuard>()

/** Gives a request its guard. */
export function setGuard(facts: RequestFacts, guard: FlowGuard): void {
  guards.set(facts, guard)
}

/** Whether the host has rules for a request. */
export function isGuarded(c: Context<ApiEnv>): boolean {
  return guards.has(c.get('perfect'))
}

/** The guard of a request. */
export function guardOf(c: Context<ApiEnv>): FlowGuard {
  return guards.get(c.get('perfect')) ?? NO_GUARD
}

/** Which of the things of a list a request is shown, by their flow. */
export async function shownTo(c: Context<ApiEnv>): Promise<(entry: { readonly flowId: string }) => boolean> {
  const flows = await guardOf(c).readable()
  return ({ flowId }) => flows === null || flows.has(flowId)
}

/** Of the things of a list those that a request is shown. */
export async function shownOf<T extends { readonly flowId: string }>(
  c: Context<ApiEnv>,
  all: readonly T[],
): Promise<readonly T[]> {
  return all.filter(await shownTo(c))
}

/** For queries that can be narrowed to some flows. */
export async function readableFlows(c: Context<ApiEnv>): Promise<{ readonly flows?: readonly string[] }> {
  const flows = await guardOf(c).readable()
  return flows === null ? {} : { flows: [...flows] }
}

/** The refusal. */
export function notPermitted(action: PermitAction, flow: string, run?: string): PerfectError<'FLOW_NOT_PERMITTED'> {
  const named = flow === EVERY_FLOW ? 'every flow, as this needs' : `flow ${quoted(flow)}`
  const what = run === undefined ? named : `run ${run.slice(0, 100)} of ${named}`
  return new PerfectError(
    'FLOW_NOT_PERMITTED',
    `The caller may not do "${action}" with ${what}. Use a caller that may, or ask the host of this server.`,
    { details: { action, flow: flow.slice(0, 200), ...(run !== undefined && { run: run.slice(0, 100) }) } },
  )
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 200))
}
