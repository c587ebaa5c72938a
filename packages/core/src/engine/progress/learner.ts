import type { Clock } from '../../primitives/clock.ts'
import type { RunRecord, TaskRecord } from '../../storage/records.ts'
import type { ErrorReporter } from '../event-bus.ts'
import type { FlowModels } from './flow-models.ts'
import { forecaster } from './forecaster.ts'

interface EndedRun {
  readonly run: RunRecord
  readonly records: ReadonlyMap<string, TaskRecord>
}

interface LearnerParts {
  readonly models: FlowModels
  readonly clock: Clock
  readonly report: ErrorReporter
}

// Of a flow that runs a thousand times a second a sample teaches as much as all runs: what does not fit is left out.
const MAX_WAITING = 64
const AT_A_TIME = 8
const PAUSE_MS = 250

/** Learns from runs after they have ended, a few at a time, so that no run waits for it. */
export class Learner {
  readonly #parts: LearnerParts
  #waiting: EndedRun[] = []
  #learning: Promise<void> | null = null
  #stopTimer: (() => void) | null = null

  constructor(parts: LearnerParts) {
    this.#parts = parts
  }

  /** A run has ended here. */
  ended(run: RunRecord, records: ReadonlyMap<string, TaskRecord>): void {
    // A run that took over what another one did tells of neither.
    if (run.status !== 'succeeded' || run.retryOf !== null || this.#waiting.length >= MAX_WAITING) return
    this.#waiting.push({ run, records })
    this.#learnLater()
  }

  /** Learns from what is left. */
  async close(): Promise<void> {
    this.#stopTimer?.()
    await this.#learning
    await this.#learn(MAX_WAITING)
    await this.#parts.models.close()
  }

  #learnLater(): void {
    if (this.#learning !== null) return
    this.#stopTimer ??= this.#parts.clock.setTimer(PAUSE_MS, () => {
      this.#stopTimer = null
      this.#learning = this.#learn(AT_A_TIME).finally(() => {
        this.#learning = null
        if (this.#waiting.length > 0) this.#learnLater()
      })
    })
  }

  async #learn(count: number): Promise<void> {
    const ended = this.#waiting.slice(0, count)
    this.#waiting = this.#waiting.slice(count)
    for (const { run, records } of ended) {
      try {
        const model = await this.#parts.models.load(run)
        const { id, startedAt, finishedAt } = run
        if (model === null || startedAt === null || finishedAt === null) continue
        model.learn(forecaster().toLearnedRun(id, [...records.values()], { startedAt, finishedAt }))
        this.#parts.models.learned(run)
      } catch (error) {
        this.#parts.report(error, `learning from run ${run.id}`)
      }
    }
  }
}
