/* Who uses the engines of a simulation: triggers runs, tries again when the answer is lost, and cancels some. */
import { PerfectError, type RunHandle, type RunPlacing } from '@perfect/core'

import type { RunRecord } from '../../src/storage/records.ts'
import { isFinalRun } from '../../src/storage/run-rules.ts'
import type { Machines } from './machines.ts'
import type { SimulatedProcess } from './process.ts'
import type { World } from './world.ts'

/** A run that somebody wants. */
export interface Wish {
  readonly flow: string
  readonly input: number
  readonly configuration: string
  readonly idempotencyKey: string | null
  readonly atMs: number
  /** When it is cancelled, after it was triggered; null: never. */
  readonly cancelAfterMs: number | null
  /** Whether it is then ended at once, with nothing undone. */
  readonly isForced: boolean
  /** When it is paused; it is resumed some seconds later. */
  readonly pauseAfterMs: number | null
  /** From where it is run once more when it has ended; null: it is not. */
  readonly retryFrom: 'failed' | 'start' | null
  /** When it starts, before which others, and what happens when the same is wanted already. */
  readonly placing: RunPlacing
}

/** The one who uses the engines. */
export class Client {
  /** Runs whose trigger was answered, with their wish. */
  readonly acknowledged: Map<string, Wish> = new Map()
  /** Runs for which a cancel was asked. */
  readonly cancelled: Set<string> = new Set()
  /** Those that were to end at once. */
  readonly forced: Set<string> = new Set()
  /** Runs for which a cancel was answered. */
  readonly cancelAcknowledged: Set<string> = new Set()
  readonly #resumed = new Set<string>()
  readonly #world: World
  readonly #machines: Machines

  constructor(world: World, machines: Machines) {
    this.#world = world
    this.#machines = machines
  }

  /** Triggers a run at its time. */
  want(wish: Wish): void {
    const { timeline } = this.#world
    timeline.after(wish.atMs, () => void this.#trigger(wish))
    // Who is impatient asks for the same work once more.
    if (wish.placing.dedupe ?? wish.placing.debounce)
      timeline.after(wish.atMs + timeline.random() * 2000, () => void this.#trigger(wish))
  }

  #later(run: () => Promise<void>): void {
    this.#world.timeline.after(200 + this.#world.timeline.random() * 800, () => void run())
  }

  async #trigger(wish: Wish): Promise<void> {
    const process = this.#machines.any()
    if (!process) {
      this.#later(() => this.#trigger(wish))
      return
    }
    const { flow, input, configuration, idempotencyKey, placing } = wish
    const key = idempotencyKey === null ? {} : { idempotencyKey }
    let isAnswered = false
    // Without an answer only a key makes a second try safe.
    if (idempotencyKey !== null)
      this.#world.timeline.after(8000, () => void (isAnswered ? undefined : this.#trigger(wish)))
    try {
      const handle = await process.engine.triggerFlow(flow, { input, configuration, ...placing, ...key })
      if (!process.isAlive) return
      isAnswered = true
      this.#triggered(handle.id, wish)
      await this.#listen(process, handle)
    } catch (error) {
      if (!process.isAlive) return
      isAnswered = true
      if (!isTemporary(error)) this.#world.audit.violation('trigger', String(error))
      // Who was told that it failed tries again, with the same key or, as people do, without.
      this.#later(() => this.#trigger(wish))
    }
  }

  /** What a handle tells is what is stored. */
  async #listen(process: SimulatedProcess, handle: RunHandle): Promise<void> {
    const outcome = await handle.result().then(
      (result) => ({ status: 'succeeded', result }),
      (error: unknown) => ({ status: PerfectError.is(error, 'RUN_CANCELLED') ? 'cancelled' : 'failed', result: null }),
    )
    const status = this.#last(handle.id)?.status
    if (process.isAlive && status !== outcome.status)
      this.#world.audit.violation(
        'I6',
        `the result of ${handle.id} says ${outcome.status}, stored is ${String(status)}`,
      )
    this.#world.timeline.trace(`result of ${handle.id}: ${JSON.stringify(outcome)}`)
  }

  #triggered(id: string, wish: Wish): void {
    this.#world.timeline.trace(`triggered ${id}`)
    if (!this.#world.audit.run(id)) this.#world.audit.violation('I8', `${id} was acknowledged and is not stored`)
    for (const [other, { idempotencyKey, flow }] of this.acknowledged)
      if (wish.idempotencyKey !== null && idempotencyKey === wish.idempotencyKey && flow === wish.flow && other !== id)
        this.#world.audit.violation('I8', `two runs for key ${idempotencyKey}: ${other}, ${id}`)
    this.acknowledged.set(id, wish)
    if (wish.retryFrom !== null) this.#later(() => this.#retry(id, wish))
    if (wish.pauseAfterMs !== null) this.#world.timeline.after(wish.pauseAfterMs, () => void this.#pause(id))
    if (wish.cancelAfterMs !== null)
      this.#world.timeline.after(wish.cancelAfterMs, () => void this.#cancel(id, wish.isForced))
  }

  /** Runs it once more when it has ended. */
  async #retry(id: string, wish: Wish): Promise<void> {
    const process = this.#machines.any()
    if (!process || !this.#hasEnded(id)) {
      this.#later(() => this.#retry(id, wish))
      return
    }
    try {
      const options = { from: wish.retryFrom ?? 'failed', idempotencyKey: `again ${id}` }
      const handle = await process.engine.retryRun(id, options)
      if (!process.isAlive) return
      this.#triggered(handle.id, {
        ...wish,
        idempotencyKey: options.idempotencyKey,
        cancelAfterMs: null,
        retryFrom: null,
      })
      await this.#listen(process, handle)
    } catch (error) {
      if (!process.isAlive) return
      if (!isTemporary(error)) this.#world.audit.violation('retry', String(error))
      this.#later(() => this.#retry(id, wish))
    }
  }

  async #cancel(id: string, force: boolean): Promise<void> {
    const process = this.#machines.any()
    if (!process) {
      this.#later(() => this.#cancel(id, force))
      return
    }
    this.cancelled.add(id)
    if (force) this.forced.add(id)
    try {
      await process.engine.cancelRun(id, { reason: 'by chance', force })
      if (process.isAlive) this.#cancelAnswered(id)
    } catch (error) {
      if (!process.isAlive || (PerfectError.is(error, 'RUN_FINISHED') && this.#hasEnded(id))) return
      if (!isTemporary(error)) this.#world.audit.violation('cancel', String(error))
      this.#later(() => this.#cancel(id, force))
    }
  }

  /** Pauses, once: whatever becomes of it, the run is resumed later until it is sure to go on. */
  async #pause(id: string): Promise<void> {
    const process = this.#machines.any()
    this.#world.timeline.after(1000 + this.#world.timeline.random() * 6000, () => void this.#resume(id))
    try {
      await process?.engine.pauseRun(id)
      if (process?.isAlive) this.#paused(id)
    } catch (error) {
      if (process?.isAlive && !isTemporary(error) && !PerfectError.is(error, 'RUN_FINISHED'))
        this.#world.audit.violation('pause', String(error))
    }
  }

  #paused(id: string): void {
    this.#world.timeline.trace(`paused ${id}`)
    const { pausedAt = null, cancelRequestedAt = null } = this.#world.audit.run(id) ?? {}
    // What a cancelled run has done is undone at once.
    const isOver = cancelRequestedAt !== null || this.#hasEnded(id) || this.#resumed.has(id)
    const isKept = pausedAt !== null || isOver
    if (!isKept) this.#world.audit.violation('I8', `the pause of ${id} was acknowledged and is not stored`)
  }

  async #resume(id: string): Promise<void> {
    const process = this.#machines.any()
    this.#resumed.add(id)
    try {
      await process?.engine.resumeRun(id)
    } catch (error) {
      const isPlain =
        isTemporary(error) || PerfectError.is(error, 'RUN_FINISHED') || PerfectError.is(error, 'RUN_NOT_PAUSED')
      if (process?.isAlive && !isPlain) this.#world.audit.violation('resume', String(error))
    }
  }

  /** Resumes all that is paused and that nobody else will resume. */
  resumeAll(): void {
    for (const { id, pausedAt } of this.#world.audit.runs)
      if (pausedAt !== null && !this.#hasEnded(id)) void this.#resume(id)
    this.#later(() => Promise.resolve(this.resumeAll()))
  }

  /** The run, or the one that goes on in its place. */
  #last(id: string): RunRecord | undefined {
    const run = this.#world.audit.run(id)
    return run?.nextRunId ? this.#last(run.nextRunId) : run
  }

  #hasEnded(id: string): boolean {
    const run = this.#world.audit.run(id)
    return run !== undefined && isFinalRun(run.status)
  }

  #cancelAnswered(id: string): void {
    this.#world.timeline.trace(`cancelled ${id}`)
    this.cancelAcknowledged.add(id)
    if (this.forced.has(id) && !this.#hasEnded(id))
      this.#world.audit.violation('I8', `${id} was to end at once and goes on`)
    if (!this.#hasEnded(id) && this.#world.audit.run(id)?.cancelRequestedAt === null)
      this.#world.audit.violation('I8', `the cancel of ${id} was acknowledged and is not stored`)
  }
}

function isTemporary(error: unknown): boolean {
  return PerfectError.is(error, 'STORAGE_UNAVAILABLE') || PerfectError.is(error, 'ENGINE_STOPPED')
}
