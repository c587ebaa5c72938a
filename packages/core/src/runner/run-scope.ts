import { ambient, type Surroundings } from '../definition/ambient.ts'
import type { ChildOptions } from '../definition/child-options.ts'
import type { FlowScope, ScopedItems, SignalWait } from '../definition/flow-scope.ts'
import type { FlowDefinition } from '../definition/flow.ts'
import type { TaskContext } from '../definition/task-context.ts'
import type { TaskDefinition } from '../definition/task.ts'
import type { PerfectError } from '../errors/perfect-error.ts'
import type { OpenMap, ProgressCall } from '../journal/progress.ts'
import { fingerprintArgs } from '../primitives/fingerprint.ts'
import { runLanes, type LaneOptions, type LaneResults } from '../primitives/run-lanes.ts'
import type { TaskRecord } from '../storage/records.ts'
import { Answer, telling } from './answer.ts'
import { callChild, type Children } from './call-child.ts'
import { captureCallSite } from './call-site.ts'
import type { Compensations } from './compensations.ts'
import type { Deliveries } from './deliveries.ts'
import { KeyCounter } from './key-counter.ts'
import { followMap } from './map-progress.ts'
import { isStop } from './run-stop.ts'
import { runTask, startTask, type CallEnd, type Caller, type TaskCall, type TaskHost } from './run-task.ts'
import { sleepUntil } from './sleep.ts'
import { waitForSignal } from './wait-for-signal.ts'

/** What scopes need of the run they are in. */
export interface ScopeHost extends TaskHost {
  readonly deliveries: Deliveries
  readonly children: Children
  readonly compensations: Compensations
  /** What code of the flow itself sees as its context. */
  readonly flowContext: TaskContext
  /** The error that a call without a record gets instead of running; null when it gets none. */
  refusal(): PerfectError | null
  /** Whether a call without a record may start. When not, it is refused, or stays unanswered for ever. */
  accepts(call: ScopeCall): boolean
  /** A recorded call came with other arguments: whether its record is taken all the same. When not, the call stays unanswered for ever. */
  acceptsChange(call: ScopeCall, record: TaskRecord): boolean
  /** A recorded call was answered. */
  replayed(key: string): void
  /** An operation starts that keeps the run from being parked. */
  callStarted(): void
  /** An operation that started is over. */
  callEnded(): void
}

/** A call of a scope, as the journal knows it. */
export interface ScopeCall extends ProgressCall {
  /** Fingerprint of its arguments; null when they cannot be told. */
  readonly argsText: string | null
  /** What it waits for, when it is a wait. */
  readonly wait?: SignalWait
}

/** A scope of a flow that runs. */
export class RunScope implements FlowScope, Surroundings {
  readonly #host: ScopeHost
  readonly #item: ProgressCall['item']
  readonly #keys: KeyCounter

  /** @param path Empty for the flow itself, else ending in "/". @param item The outermost map item around. */
  constructor(host: ScopeHost, path: string, item: ProgressCall['item']) {
    this.#host = host
    this.#item = item
    this.#keys = new KeyCounter(path)
  }

  get scope(): this {
    return this
  }

  get context(): TaskContext {
    return this.#host.flowContext
  }

  call(definition: TaskDefinition, args: readonly unknown[]): Promise<unknown> {
    const key = this.#key(definition.name, definition.keyOf?.(args) ?? null)
    const call: TaskCall = {
      key,
      kind: 'task',
      name: definition.name,
      weight: definition.weightOf(args),
      item: this.#item,
      definition,
      args,
      argsText: fingerprintArgs(args),
      estimatedMs: definition.estimatedMsOf(args),
    }
    if (definition.compensate === null) return this.#answer(call, (caller) => startTask(this.#host, call, caller))
    const { compensations } = this.#host
    const run = async (): Promise<CallEnd> => {
      compensations.started(call)
      try {
        return await runTask(this.#host, call)
      } finally {
        compensations.stopped(key)
      }
    }
    return this.#answer(call, telling(run), () => compensations.replayed(call))
  }

  async sleep(wake: { readonly afterMs: number } | { readonly at: number }): Promise<void> {
    const key = this.#key('sleep', null)
    const call: ScopeCall = { key, name: 'sleep', weight: SLEEP_WEIGHT, item: this.#item, argsText: null }
    await this.#answer(
      call,
      telling(() => sleepUntil(this.#host, call, wake)),
    )
  }

  waitFor(wait: SignalWait): Promise<unknown> {
    const key = this.#key(wait.name, null)
    const call: ScopeCall = { key, name: wait.name, weight: SLEEP_WEIGHT, item: this.#item, argsText: null, wait }
    return this.#answer(
      call,
      telling(() => waitForSignal(this.#host, call, wait)),
    )
  }

  child(definition: FlowDefinition, input: unknown, options: ChildOptions): Promise<unknown> {
    const { name } = definition
    const argsText = fingerprintArgs(input === undefined ? [] : [input])
    const key = this.#key(name, options.key === undefined ? null : String(options.key))
    const weight = options.weight ?? 1
    const call = { key, name, weight, item: this.#item, argsText, definition, input, options }
    return this.#answer(
      call,
      telling(() => callChild(this.#host, call)),
    )
  }

  inScope<R>(name: string, run: (scope: FlowScope) => Promise<R>): Promise<R> {
    const key = this.#key(name, null)
    return this.#inFlight(() => this.#runInside(`${key}/`, this.#item, run))
  }

  map<T, R>({ name, items, run, options }: ScopedItems<T, R>, lanes: LaneOptions): Promise<LaneResults<R>> {
    const path = this.#key(name, null)
    const keys = new KeyCounter('')
    const itemPaths = items.map((item, index) => path + keys.named('', String(options.key?.(item, index) ?? index)))
    const map: OpenMap = { path, name, count: items.length, weight: options.weight ?? null }
    const progress = followMap(this.#host.journal, map, this.#item)
    const runItem = async (item: T, index: number): Promise<R> => {
      const itemPath = itemPaths[index] ?? ''
      const inside = this.#item ?? { map, path: itemPath }
      const operation = this.#runInside(`${itemPath}/`, inside, (scope) => run(item, index, scope))
      return progress.follow(itemPath, operation)
    }
    return this.#inFlight(async () => {
      const results = await runLanes(items, runItem, lanes)
      progress.end()
      return this.#unlessRefused(results)
    })
  }

  /** A map that collects failures does not collect the end of its own run. */
  #unlessRefused<R>(results: LaneResults<R>): LaneResults<R> {
    const { id } = this.#host.journal.run
    for (const index of results.failed) {
      const item = results.settled[index]
      if (item?.ok === false && isStop(item.error, id)) throw item.error
    }
    return results
  }

  #key(name: string, itemKey: string | null): string {
    if (itemKey !== null) return this.#keys.named(name, itemKey)
    return this.#keys.counted(
      name,
      this.#host.deliveries.burst,
      captureCallSite(this.#host.journal.configuration.callSites),
    )
  }

  #runInside<R>(path: string, item: ProgressCall['item'], run: (scope: FlowScope) => Promise<R>): Promise<R> {
    const scope = new RunScope(this.#host, path, item)
    return ambient.run(scope, run, scope)
  }

  /** While an operation of this scope is in flight, the order of others beside it is not fixed. */
  async #inFlight<R>(run: () => Promise<R>): Promise<R> {
    const { burst } = this.#host.deliveries
    this.#keys.enter(burst)
    try {
      return await run()
    } finally {
      this.#keys.leave(burst)
    }
  }

  /** Gives the recorded result of a call, after running it if there is none. */
  #answer(call: ScopeCall, run: (caller: Caller) => void, onReplay?: () => void): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const answer = new Answer(this.#host, this.#keys, call.key, resolve, reject)
      const recorded = this.#recorded(call)
      if (recorded && !isSameCall(call, recorded) && !this.#host.acceptsChange(call, recorded)) return
      if (recorded) {
        onReplay?.()
        this.#replay(call, recorded, answer)
      } else if (this.#host.accepts(call)) answer.run(run)
      // After everything that is recorded: so the flow gets as far as it had got.
      else answer.refuse()
    })
  }

  /** The final record of a call. One that was copied from another run counts for the same arguments only. */
  #recorded(call: ScopeCall): TaskRecord | undefined {
    const recorded = this.#host.journal.records.get(call.key)
    if (recorded === undefined || recorded.position === null) return undefined
    if (recorded.origin !== 'copied' || isSameCall(call, recorded)) return recorded
    this.#host.replayed(call.key)
    return undefined
  }

  #replay(call: ProgressCall, record: TaskRecord, answer: Answer): void {
    const { journal } = this.#host
    this.#host.replayed(call.key)
    journal.progress.begin({ ...call, weight: record.weight })
    journal.progress.finish(call.key, record.status === 'failed')
    answer.give(record)
  }
}

// Arguments that cannot be told are not compared.
function isSameCall(call: ScopeCall, record: TaskRecord): boolean {
  return call.argsText === null || record.args === null || call.argsText === record.args
}

// Waiting is no work: it moves the bar as little as a part of it can.
const SLEEP_WEIGHT = 0.001
