/*
 * Calls a flow again with the journal of a run, and runs nothing: every call is answered from a record or stays unanswered. What the
 * flow does differently shows that it decides by something that is not recorded, or that its code has changed.
 */
import { ambient } from '../definition/ambient.ts'
import type { SignalWait } from '../definition/flow-scope.ts'
import type { TaskContext } from '../definition/task-context.ts'
import type { ErrorCode } from '../errors/codes.ts'
import { serializeError } from '../errors/serialized-error.ts'
import type { RunJournal } from '../journal/run-journal.ts'
import type { Clock } from '../primitives/clock.ts'
import { encodeValue } from '../primitives/value.ts'
import type { RunRecord, TaskRecord } from '../storage/records.ts'
import type { Children } from './call-child.ts'
import { captureCallSite } from './call-site.ts'
import { Compensations } from './compensations.ts'
import { Deliveries } from './deliveries.ts'
import { MiddlewareChain } from './middleware-chain.ts'
import { describeChange } from './replay-mismatch.ts'
import { RunScope, type ScopeCall, type ScopeHost } from './run-scope.ts'
import { SlotLine } from './slot-line.ts'
import type { WaitEnd } from './waits.ts'

/** Something that a replay did differently. */
export interface ReplayDifference {
  /**
   * `arguments`: a recorded task was called with others; `new`: a task was called that has no record; `missing`: a recorded task was not
   * called; `result`: the flow ended differently; `stuck`: it waits for something that is not recorded.
   */
  readonly kind: 'arguments' | 'new' | 'missing' | 'result' | 'stuck'
  /** Key of the task; null when it is about the flow as a whole. */
  readonly key: string | null
  /** A sentence, with the place in the code where it is known. */
  readonly text: string
}

type FlowEnd = { readonly result: string } | { readonly error: unknown } | null

// Compensations are not called by flow code.
const isOfFlow = ({ kind }: TaskRecord): boolean => kind !== 'undo'

/** One replay of a run. */
export class ReplayProof implements ScopeHost {
  readonly journal: RunJournal
  readonly clock: Clock
  readonly deliveries: Deliveries
  readonly compensations: Compensations = new Compensations()
  readonly flowContext: TaskContext
  readonly signal: AbortSignal = new AbortController().signal
  readonly isAborted = false
  /** What the waits ask for that have not ended, by their keys. */
  readonly openWaits: Map<string, SignalWait> = new Map()
  // Nothing is run, so there is nothing to put them around.
  readonly middleware: MiddlewareChain = new MiddlewareChain(() => undefined)
  readonly #rest = Promise.withResolvers<FlowEnd>()
  readonly #asked = new Set<string>()
  readonly #new: ReplayDifference[] = []
  readonly #differences: ReplayDifference[] = []

  // Calls without a record stay unanswered, so no run is ever started.
  readonly children: Children = { start: neverAsked, find: neverAsked, cancelAll: neverAsked }

  /**
   * @param journal A journal that nothing is written to.
   * @param order The turn of a record, by its position: results that are there at the same time are handed over by this order.
   */
  constructor(journal: RunJournal, clock: Clock, order: (position: number) => number) {
    this.journal = journal
    this.clock = clock
    this.slots = new SlotLine(clock, () => Promise.resolve([]))
    this.deliveries = new Deliveries(this, order)
    const { id, epoch } = journal.run
    this.flowContext = {
      runId: id,
      key: '',
      attempt: epoch,
      configuration: journal.configuration.name,
      signal: this.signal,
      idempotencyKey: id,
      log: { debug() {}, info() {}, warn() {}, error() {} },
      progress: () => undefined,
    }
  }

  /** What the flow does differently, with the input of the run; `result` is what it gave when it succeeded. */
  async differences(input: unknown, result: string | null): Promise<readonly ReplayDifference[]> {
    const { definition, run } = this.journal
    const flow = ambient.run(new RunScope(this, '', null), async () =>
      encodeValue(await definition.run?.(input), `result of flow "${definition.name}"`),
    )
    flow.then(
      (text) => this.#rest.resolve({ result: text }),
      (error: unknown) => this.#rest.resolve({ error }),
    )
    this.deliveries.check()
    const end = await this.#rest.promise
    this.deliveries.close()
    if (run.finishedAt !== null) this.#compareEnd(end, result)
    this.#compareCalls(run.finishedAt === null)
    return this.#differences
  }

  cameToRest(): void {
    this.#rest.resolve(null)
  }

  accepts(call: ScopeCall): boolean {
    this.#asked.add(call.key)
    if (call.wait) this.openWaits.set(call.key, call.wait)
    const known = this.journal.records.get(call.key)
    if (known !== undefined) return false
    this.#new.push(difference('new', call.key, `The flow calls "${call.name}" (${call.key}), which it did not before`))
    return false
  }

  acceptsChange(call: ScopeCall, record: TaskRecord): boolean {
    this.#differences.push(difference('arguments', call.key, describeChange(call, record).replace(/\.$/, '')))
    return true
  }

  refusal(): null {
    return null
  }

  replayed(key: string): void {
    this.#asked.add(key)
  }

  // Nothing is run, so nothing waits for a place or looks for a value.
  callStarted(): void {}
  callEnded(): void {}
  readonly slots: SlotLine
  readonly cached = (): Promise<undefined> => Promise.resolve(undefined)
  dormant(): Promise<WaitEnd> {
    return Promise.resolve('stopped')
  }

  random(): number {
    return 0
  }

  #compareEnd(end: FlowEnd, result: string | null): void {
    const { status, error } = this.journal.run
    if (wasCut(this.journal.run)) return
    if (end === null && this.#new.length === 0)
      this.#differences.push({
        kind: 'stuck',
        key: null,
        text: 'The flow waits for something that is not recorded. Wait for it in a task.',
      })
    if (end === null) return
    const now = 'result' in end ? `gives ${shown(end.result)}` : `fails: ${serializeError(end.error).message}`
    const before = status === 'succeeded' ? `gave ${shown(result ?? '')}` : `failed: ${error?.message ?? ''}`
    const isSame =
      'result' in end
        ? status === 'succeeded' && end.result === result
        : status === 'failed' && serializeError(end.error).message === error?.message
    if (!isSame) this.#differences.push({ kind: 'result', key: null, text: `The flow ${before}; now it ${now}.` })
  }

  /** A run that has not ended may call new tasks, once it has called all that it has called before. */
  #compareCalls(isOpen: boolean): void {
    if (wasCut(this.journal.run)) return
    const missing = [...this.journal.records.values()].filter(
      (record) => isOfFlow(record) && !this.#asked.has(record.key),
    )
    for (const { key, name } of missing)
      this.#differences.push({
        kind: 'missing',
        key,
        text: `The flow does not call "${name}" (${key}) any more, which it did before.`,
      })
    if (!isOpen || missing.length > 0) this.#differences.push(...this.#new)
  }
}

const CUT_CODES: ReadonlySet<string> = new Set<ErrorCode>(['RUN_TIMEOUT', 'CRASH_LOOP', 'COMPENSATION_FAILED'])

/** Whether a run was ended from outside of its code, which may have had more to do. */
function wasCut({ status, error }: RunRecord): boolean {
  return status === 'cancelled' || (error !== null && error.code !== null && CUT_CODES.has(error.code))
}

function neverAsked(): never {
  throw new TypeError('A replay starts nothing.')
}

function difference(kind: ReplayDifference['kind'], key: string, text: string): ReplayDifference {
  const site = captureCallSite(true)()
  return { kind, key, text: `${text}${site === null ? '' : ` (${site})`}.` }
}

const MAX_SHOWN_CHARS = 200

function shown(text: string): string {
  return text.length <= MAX_SHOWN_CHARS ? text : `${text.slice(0, MAX_SHOWN_CHARS)}…`
}
