/* I11: at no time more slots of a limit are taken than it has, and in no stretch of its time more starts are made. */
import type { RunRecord } from '../../src/storage/records.ts'
import type { Limit } from '../../src/storage/run-changes.ts'
import type { AppliedChange } from './audit.ts'
import type { ProgramPolicy } from './policies.ts'

/** Watches limits. */
export class LimitAudit {
  readonly #violation: (what: string) => void
  readonly #now: () => number
  readonly #policies: ReadonlyMap<string, ProgramPolicy>
  /** Who has a slot of a task limit. */
  readonly #holders = new Map<string, Set<string>>()
  readonly #starts = new Map<string, number[]>()

  constructor(policies: ReadonlyMap<string, ProgramPolicy>, now: () => number, violation: (what: string) => void) {
    this.#policies = policies
    this.#now = now
    this.#violation = violation
  }

  /** An accepted change. */
  applied({ change, before, after }: AppliedChange, runs: Iterable<RunRecord>): void {
    if (change.type === 'slots.take')
      for (const limit of change.limits) this.#take(limit, `${change.runId} ${change.task}`)
    if (change.type === 'slots.free') this.#free(`${change.runId} ${change.task}`)
    if (change.type === 'task.put' && change.freeSlots) this.#free(`${change.runId} ${change.task.key}`)
    if (change.type !== 'run.claim' || !after) return
    this.left(after.id)
    this.#claimed(after, before?.startedAt ?? null, [...runs])
  }

  /** Nobody holds a run any more, or somebody else: its tasks have no slots. */
  left(runId: string): void {
    this.#free(`${runId} `)
  }

  #take(limit: Limit, holder: string): void {
    if ('perMs' in limit) return this.#started(limit.key, limit.max, limit.perMs)
    const holders = this.#holders.get(limit.key) ?? new Set()
    this.#holders.set(limit.key, holders.add(holder))
    if (holders.size > limit.max) this.#violation(`${String(holders.size)} have a slot of ${limit.key}`)
  }

  /** @param holder A task of a run, or the beginning of the names of all tasks of one. */
  #free(holder: string): void {
    for (const holders of this.#holders.values())
      for (const one of holders)
        if (one === holder || (holder.endsWith(' ') && one.startsWith(holder))) holders.delete(one)
  }

  #claimed({ flowId, limitKey }: RunRecord, startedAt: number | null, runs: readonly RunRecord[]): void {
    const policy = this.#policies.get(flowId)
    if (!policy) return
    const held = runs.filter((run) => run.flowId === flowId && run.engineId !== null)
    const ofKey = held.filter((run) => run.limitKey === limitKey)
    const check = (what: string, count: number, max: number | null): void => {
      if (max !== null && count > max) this.#violation(`${String(count)} runs of ${what} are held at once`)
    }
    check(flowId, held.length, policy.concurrency)
    check(`${flowId} with key ${String(limitKey)}`, ofKey.length, policy.perKey)
    if (policy.rate !== null && startedAt === null) this.#started(flowId, policy.rate.limit, policy.rate.per)
  }

  #started(key: string, max: number, perMs: number): void {
    const now = this.#now()
    const recent = [...(this.#starts.get(key) ?? []).filter((at) => at > now - perMs), now]
    this.#starts.set(key, recent)
    if (recent.length > max) this.#violation(`${String(recent.length)} starts of ${key} in ${String(perMs)} ms`)
  }
}
