/*
 * Which flows the reader of a live stream may see. Events cannot wait for an answer of the host, so the verdicts are kept, and asked for
 * again now and then: who may see more, or less, is told to read everything anew.
 */
import type { WorkerView } from '@perfect/core'

import type { FlowGuard } from '../permit/flow-guard.ts'
import { EventFrame } from './event-frame.ts'
import type { AnyEngineEvent } from './topics.ts'

// A right that was taken away is used for no longer than this.
const REFRESH_MS = 30_000

/** The flows that a reader may see. */
export class SeenFlows {
  readonly #guard: FlowGuard
  readonly #verdicts: Map<string, boolean>
  #askedAt = performance.now()
  #changed: () => void = () => undefined

  /** @param readable Ids of the flows that it may see, of all that are known. */
  constructor(guard: FlowGuard, readable: ReadonlySet<string>) {
    this.#guard = guard
    this.#verdicts = new Map([...readable].map((flowId) => [flowId, true]))
  }

  /** Calls `listener` when more or less may be seen. */
  onChange(listener: () => void): void {
    this.#changed = listener
  }

  /** A message as the reader may see it; null when it may not. */
  show(frame: EventFrame): EventFrame | null {
    const event = frame.message as AnyEngineEvent
    if (event.type === 'worker.updated') return this.#withoutFlows(frame, event.data)
    const flowId = flowOf(event)
    return flowId === null || this.#sees(flowId) ? frame : null
  }

  /** Called now and then. */
  tick(): void {
    if (performance.now() - this.#askedAt < REFRESH_MS) return
    this.#askedAt = performance.now()
    for (const flowId of this.#verdicts.keys()) void this.#ask(flowId)
  }

  #sees(flowId: string): boolean {
    const known = this.#verdicts.get(flowId)
    if (known === undefined) {
      this.#verdicts.set(flowId, false)
      void this.#ask(flowId)
    }
    return known === true
  }

  async #ask(flowId: string): Promise<void> {
    const verdict = await this.#guard.may('read', flowId)
    const isNew = this.#verdicts.get(flowId) !== verdict
    this.#verdicts.set(flowId, verdict)
    if (isNew) this.#changed()
  }

  #withoutFlows(frame: EventFrame, worker: WorkerView): EventFrame {
    const flows = worker.flows.filter((flowId) => this.#sees(flowId))
    if (flows.length === worker.flows.length) return frame
    return new EventFrame({ ...frame.message, data: { ...worker, flows } }, frame.key)
  }
}

/** The flow that an event is about; null when it is about none. */
function flowOf(event: AnyEngineEvent): string | null {
  switch (event.type) {
    case 'flow.updated':
    case 'flow.removed':
      return event.data.id
    case 'client.updated':
    case 'client.log':
    case 'worker.updated':
      return null
    case 'run.triggered':
    case 'run.updated':
    case 'run.removed':
    case 'task.updated':
    case 'log.appended':
    case 'schedule.updated':
    case 'schedule.removed':
    case 'schedule.fired':
    case 'schedule.missed':
      return event.data.flowId
  }
}
