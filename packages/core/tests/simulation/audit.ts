/*
 * What must hold, looked at when it happens: each accepted write is compared with what was stored before, and each thing that flows and
 * subscribers see with what is stored. Outcomes alone are blind to many mistakes.
 */
import type { EngineEvent, RunView, TaskView } from '@perfect/core'

import type { Change, Receipt } from '../../src/storage/changes.ts'
import type { RunRecord, TaskRecord } from '../../src/storage/records.ts'
import { isFinalRun, isFinalTask } from '../../src/storage/run-rules.ts'
import { LimitAudit } from './limit-audit.ts'
import type { ProgramPolicy } from './policies.ts'
import { tasksOf } from './program-names.ts'
import type { Program } from './program.ts'
import type { Stretch } from './run-program.ts'
import type { Timeline } from './timeline.ts'

/** A write, with the run that it is about before and after it. */
export interface AppliedChange {
  readonly change: Change
  readonly receipt: Receipt
  readonly before: RunRecord | undefined
  readonly after: RunRecord | undefined
}

/** Watches a simulation. */
export class Audit {
  readonly violations: string[] = []
  /** Attempts that started, by run and key. */
  readonly attempts: Map<string, number> = new Map()
  /** Names of tasks that may start once only. */
  readonly onceOnly: Set<string> = new Set()
  /** What flows declare, by id. */
  readonly policies: Map<string, ProgramPolicy> = new Map()
  /** Whether flows are only replayed from now on. */
  isReplaying = false
  readonly #timeline: Timeline
  readonly #leases = new Map<string, number>()
  readonly #runs = new Map<string, RunRecord>()
  readonly #recorded = new Map<string, TaskRecord>()
  readonly #positions = new Map<string, Set<number>>()
  readonly #taskProgress = new Map<string, number>()
  readonly #seen = new Map<string, string[]>()
  readonly #limits: LimitAudit

  constructor(timeline: Timeline) {
    this.#timeline = timeline
    this.#limits = new LimitAudit(
      this.policies,
      () => timeline.now,
      (what) => this.violation('I11', what),
    )
  }

  /** The run as it is stored. */
  run(id: string): RunRecord | undefined {
    return this.#runs.get(id)
  }

  get runs(): readonly RunRecord[] {
    return [...this.#runs.values()]
  }

  /** The final records of a run. */
  recordsOf(runId: string): readonly TaskRecord[] {
    return [...this.#recorded.values()].filter((record) => record.runId === runId)
  }

  /** What flows are like. */
  expect(programs: readonly Program[]): void {
    for (const name of tasksOf(programs, 'once')) this.onceOnly.add(name)
    for (const { name, policy } of programs) this.policies.set(name, policy)
  }

  /** A run as it is stored now. */
  stored(run: RunRecord): void {
    if (!this.#runs.has(run.id)) this.#checkNew(run)
    this.#runs.set(run.id, run)
    if (run.engineId === null) this.#limits.left(run.id)
    // What it takes over from another run is stored with it.
    if (run.retryOf !== null && !this.#taskProgress.has(run.id))
      this.#taskProgress.set(run.id, this.#taskProgress.get(run.retryOf) ?? 0)
  }

  violation(rule: string, what: string): void {
    this.violations.push(`${rule}: ${what}`)
    this.#timeline.trace(`VIOLATION ${rule}: ${what} ${String(new Error('here').stack)}`)
  }

  /** A write was made. */
  applied({ change, receipt, before, after }: AppliedChange): void {
    if (change.type === 'engine.put') this.#leases.set(change.engine.id, this.#timeline.now + change.leaseMs)
    if (change.type === 'engine.remove') this.#leases.delete(change.engineId)
    if (!receipt.accepted) {
      if (JSON.stringify(before) !== JSON.stringify(after))
        this.violation('refused', `${change.type} was refused and changed ${String(before?.id)}`)
      return
    }
    this.#checkFence(change, before)
    this.#limits.applied({ change, receipt, before, after }, this.#runs.values())
    if (before && after) this.#checkRun(before, after)
    if (change.type === 'run.claim') this.#checkClaim(change.engineId, before)
    if (change.type === 'task.put') this.#checkTask(change.task)
  }

  // I9: a stale epoch changes nothing.
  #checkFence(change: Change, before: RunRecord | undefined): void {
    const fence =
      change.type === 'log.append' ? change.fence : 'epoch' in change && 'engineId' in change ? change : null
    if (!fence || change.type === 'run.adopt') return
    if (before?.epoch !== fence.epoch || before.engineId !== fence.engineId)
      this.violation('I9', `${change.type} of epoch ${String(fence.epoch)} accepted in ${String(before?.epoch)}`)
  }

  // I1: one final status; I5: progress never falls, and is whole only on success.
  #checkRun(before: RunRecord, after: RunRecord): void {
    const { id } = before
    if (isFinalRun(before.status) && JSON.stringify(before) !== JSON.stringify(after))
      this.violation('I1', `${id} changed after its end: ${before.status}, ${after.status}`)
    if (after.progress < before.progress) this.violation('I5', `stored progress of ${id} fell`)
    if (after.progress === 1 && after.status !== 'succeeded') this.violation('I5', `${id} is whole and ${after.status}`)
    if (after.epoch < before.epoch || after.epoch > before.epoch + 1) this.violation('I9', `epoch of ${id} jumped`)
  }

  // What is made once is not made again: for a key, for the time of a schedule, for work that is open already.
  #checkNew(run: RunRecord): void {
    for (const other of this.#runs.values()) {
      if (other.flowId !== run.flowId) continue
      if (run.idempotencyKey !== null && other.idempotencyKey === run.idempotencyKey)
        this.violation('I8', `${other.id} and ${run.id} have the key ${run.idempotencyKey}`)
      if (run.dedupeKey?.startsWith('dedupe:') && other.dedupeKey === run.dedupeKey && !isFinalRun(other.status))
        this.violation('I8', `${other.id} and ${run.id} are the same work, ${run.dedupeKey}`)
    }
  }

  // I4 of the reliability plan: a living engine keeps its runs.
  #checkClaim(engineId: string, before: RunRecord | undefined): void {
    if (!before || before.engineId === null || before.engineId === engineId) return
    const leaseUntil = this.#leases.get(before.engineId) ?? 0
    if (leaseUntil > this.#timeline.now) this.violation('lease', `${before.id} was taken from an engine that lives`)
  }

  // I2: a checkpoint is recorded once.
  #checkTask(task: TaskRecord): void {
    const name = `${task.runId} ${task.key}`
    this.#taskProgress.set(task.runId, Math.max(task.progress, this.#taskProgress.get(task.runId) ?? 0))
    if (this.#recorded.has(name)) this.violation('I2', `${name} was recorded twice`)
    if (!isFinalTask(task.status)) return
    this.#recorded.set(name, task)
    const positions = this.#positions.get(task.runId) ?? new Set()
    this.#positions.set(task.runId, positions)
    if (task.position === null || positions.has(task.position))
      this.violation('I3', `place ${String(task.position)} of ${name} is taken`)
    else positions.add(task.position)
  }

  // I4: a recorded task is never run again. One that lost its run may not know yet.
  attemptStarted({ runId, epoch }: Stretch, key: string): void {
    const name = `${runId} ${key}`
    this.attempts.set(name, (this.attempts.get(name) ?? 0) + 1)
    if (this.onceOnly.has(key.replace(/^.*\//, '').replace(/#.*$/, '')) && (this.attempts.get(name) ?? 0) > 1)
      this.violation('once', `${name} started again`)
    const record = this.#recorded.get(name)
    if (record && record.epoch <= epoch) this.violation('I4', `${name} runs again after it was recorded`)
    const run = this.#runs.get(runId)
    if (run && isFinalRun(run.status) && run.epoch === epoch && run.engineId === null && !record)
      this.violation('I1', `${name} starts after the run has ended as ${run.status}`)
  }

  // I3: what a flow saw once, in this order, it sees again on each replay.
  saw({ runId }: Stretch, index: number, what: string): void {
    // A replay that gives results in another order sees them in that order.
    if (this.isReplaying) return
    const seen = this.#seen.get(runId) ?? []
    this.#seen.set(runId, seen)
    const before = seen[index]
    if (before === undefined) seen[index] = what
    else if (before !== what) this.violation('I3', `${runId} saw "${before}" and on replay "${what}"`)
  }

  /** A listener of one engine's events. */
  subscriber(): (event: EngineEvent) => void {
    const shown = new Map<string, number>()
    let last: number | null = null
    return (event) => {
      const number = Number(event.id.split(':')[1])
      if (last !== null && number !== last + 1) this.violation('I6', `event ${String(number)} follows ${String(last)}`)
      last = number
      if (event.type === 'run.updated') this.#checkShown(event.data as RunView, shown)
      if (event.type === 'task.updated') this.#checkShownTask(event.data as { runId: string; task: TaskView })
    }
  }

  // I5 and I6: shown progress never falls, and nothing is shown before it is stored.
  #checkShown(run: RunView, shown: Map<string, number>): void {
    const { percent } = run.progress
    this.#timeline.trace(`  shows ${run.id} ${run.status} epoch ${String(run.epoch)} ${String(percent)} %`)
    if (percent < (shown.get(run.id) ?? 0))
      this.violation('I5', `shown progress of ${run.id} fell from ${String(shown.get(run.id))} to ${String(percent)}`)
    shown.set(run.id, percent)
    const stored = this.#runs.get(run.id)
    if (!stored || stored.epoch < run.epoch) {
      this.violation('I6', `${run.id} is shown before it is stored`)
      return
    }
    const progress = Math.max(stored.progress, this.#taskProgress.get(run.id) ?? 0)
    if (percent / 100 > progress + 0.000_001)
      this.violation('I6', `progress ${String(percent)} of ${run.id} is shown before it is stored`)
    if (isFinalRun(run.status) && stored.status !== run.status)
      this.violation('I6', `${run.id} is shown as ${run.status} and stored as ${stored.status}`)
  }

  #checkShownTask({ runId, task }: { readonly runId: string; readonly task: TaskView }): void {
    if (task.status !== 'succeeded' && task.status !== 'failed') return
    if (this.#recorded.get(`${runId} ${task.key}`)?.status !== task.status)
      this.violation('I6', `${task.key} of ${runId} is shown as ${task.status} before it is stored`)
  }
}
