/* Who uses the engines of a simulation: triggers runs, tries again when the answer is lost, and cancels some. */
import { PerfectError, type RunHandle } from '@perfect/core'

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
  /** When it is paused; it is resumed some seconds later. */
  readonly pauseAfterMs: number | null
}

/** The one who uses the engines. */
export class Client {
  /** Runs whose trigger was answered, with their wish. */
  readonly acknowledged: Map<string, Wish> = new Map()
  /** Runs for which a cancel was asked. */
  readonly cancelled: Set<string> = new Set()
  /** Runs for which a cancel was answered. */
  readonly cancelAcknowledged: Set<string> = new Set()
  readonly #world: World
  readonly #machines: Machines

  constructor(world: World, machines: Machines) {
    this.#world = world
    this.#machines = machines
  }

  /** Triggers a run at its time. */
  want(wish: Wish): void {
    this.#world.timeline.after(wish.atMs, () => void this.#trigger(wish))
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
    const { flow, input, configuration, idempotencyKey } = wish
    const key = idempotencyKey === null ? {} : { idempotencyKey }
    let isAnswered = false
    // Without an answer only a key makes a second try safe.
    if (idempotencyKey !== null)
      this.#world.timeline.after(8000, () => void (isAnswered ? undefined : this.#trigger(wish)))
    try {
      const handle = await process.engine.triggerFlow(flow, { input, configuration, ...key })
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
    const status = this.#world.audit.run(handle.id)?.status
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
    if (wish.pauseAfterMs !== null) this.#world.timeline.after(wish.pauseAfterMs, () => void this.#pause(id))
    if (wish.cancelAfterMs !== null) this.#world.timeline.after(wish.cancelAfterMs, () => void this.#cancel(id))
  }

  async #cancel(id: string): Promise<void> {
    const process = this.#machines.any()
    if (!process) {
      this.#later(() => this.#cancel(id))
      return
    }
    this.cancelled.add(id)
    try {
      await process.engine.cancelRun(id, 'by chance')
      if (process.isAlive) this.#cancelAnswered(id)
    } catch (error) {
      if (!process.isAlive || (PerfectError.is(error, 'RUN_FINISHED') && this.#hasEnded(id))) return
      if (!isTemporary(error)) this.#world.audit.violation('cancel', String(error))
      this.#later(() => this.#cancel(id))
    }
  }

  /** Pauses, once: whatever becomes of it, the run is resumed later until it is sure to go on. */
  async #pause(id: string): Promise<void> {
    const process = this.#machines.any()
    this.#world.timeline.after(1000 + this.#world.timeline.random() * 6000, () => void this.#resume(id))
    try {
      await process?.engine.pauseRun(id)
      if (process?.isAlive) this.#world.timeline.trace(`paused ${id}`)
    } catch (error) {
      if (process?.isAlive && !isTemporary(error) && !PerfectError.is(error, 'RUN_FINISHED'))
        this.#world.audit.violation('pause', String(error))
    }
  }

  async #resume(id: string): Promise<void> {
    const process = this.#machines.any()
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

  #hasEnded(id: string): boolean {
    const run = this.#world.audit.run(id)
    return run !== undefined && isFinalRun(run.status)
  }

  #cancelAnswered(id: string): void {
    this.#world.timeline.trace(`cancelled ${id}`)
    this.cancelAcknowledged.add(id)
    if (!this.#hasEnded(id) && this.#world.audit.run(id)?.cancelRequestedAt === null)
      this.#world.audit.violation('I8', `the cancel of ${id} was acknowledged and is not stored`)
  }
}

function isTemporary(error: unknown): boolean {
  return PerfectError.is(error, 'STORAGE_UNAVAILABLE') || PerfectError.is(error, 'ENGINE_STOPPED')
}
