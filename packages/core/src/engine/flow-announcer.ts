import { DEFAULT_CONFIGURATION } from '../definition/configuration.ts'
import type { FlowDefinition } from '../definition/flow.ts'
import type { EngineParts } from './engine-parts.ts'
import { toFlowView } from './run-views.ts'
import type { FlowView, WorkerView } from './views.ts'

/** Shows flows as they are, and tells the others when they change. */
export class FlowAnnouncer {
  readonly #parts: EngineParts
  /** Number of workers that was last told, by flow. */
  readonly #workers = new Map<string, number>()

  constructor(parts: EngineParts) {
    this.#parts = parts
  }

  view(definition: FlowDefinition): FlowView {
    return toFlowView(definition, {
      schedule: this.#parts.scheduler.flowView(definition),
      workers: this.#parts.workers.workersFor(definition.id),
      configurations: [...this.#parts.configurations.keys()],
      defaultConfiguration: DEFAULT_CONFIGURATION,
    })
  }

  /** A flow was registered or replaced: its schedule counts from now on, and its runs can be taken. */
  changed(definition: FlowDefinition): void {
    const { scheduler, dispatcher, workers } = this.#parts
    scheduler.plan(definition)
    this.updated(definition)
    if (definition.run === null) workers.wake()
    else dispatcher.wake()
  }

  /** What is shown of a flow is not what it was. */
  updated(definition: FlowDefinition): void {
    this.#parts.bus.publish('flow.updated', () => this.view(definition))
  }

  /** A worker came, went or changed; with it, perhaps, the number of workers of its flows. */
  workerChanged(worker: WorkerView): void {
    const { bus, registry, workers } = this.#parts
    bus.publish('worker.updated', () => worker)
    for (const id of worker.flows) {
      const definition = registry.find(id)
      const count = workers.workersFor(id)
      if (!definition || this.#workers.get(id) === count) continue
      this.#workers.set(id, count)
      bus.publish('flow.updated', () => this.view(definition))
    }
  }
}
