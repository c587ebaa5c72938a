import type { Middleware } from '../definition/middleware.ts'
import type { EngineParts } from './engine-parts.ts'
import type { EventBus } from './event-bus.ts'
import type { EngineEventName, EngineEvents, RunView } from './views.ts'

/** Those who listen to an engine, or are around what it runs. */
export abstract class EngineListeners {
  /** @internal */
  protected abstract readonly parts: EngineParts

  /**
   * Puts code around the runs and tasks that start from now on; what was added first is outermost.
   *
   * @throws {PerfectError} MIDDLEWARE_INVALID
   */
  use(middleware: Middleware): this {
    this.parts.observed.middleware.use(middleware)
    return this
  }

  /** Live events with numbers, for subscribers that may have to go on later. */
  get events(): EventBus {
    return this.parts.bus
  }

  /** Calls `listener` soon after anything changed, once for many changes; gives a function that ends it. */
  subscribe(listener: () => void): () => void {
    return this.parts.bus.onChange(listener)
  }

  /** Calls `listener` with each run that is triggered; gives a function that ends it. */
  subscribeToFlowTriggers(listener: (run: RunView) => void): () => void {
    this.on('run.triggered', listener)
    return () => this.off('run.triggered', listener)
  }

  /** Calls `listener` with each event of this name, after the commit that it reports. */
  on<N extends EngineEventName>(name: N, listener: (data: EngineEvents[N]) => void): this {
    this.parts.bus.on(name, listener)
    return this
  }

  /** Like {@link on}, for the next event only. */
  once<N extends EngineEventName>(name: N, listener: (data: EngineEvents[N]) => void): this {
    this.parts.bus.once(name, listener)
    return this
  }

  /** Ends what {@link on} or {@link once} began. */
  off<N extends EngineEventName>(name: N, listener: (data: EngineEvents[N]) => void): this {
    this.parts.bus.off(name, listener)
    return this
  }
}
