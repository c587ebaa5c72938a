import type { PerfectError } from '../errors/perfect-error.ts'
import { deserializeError } from '../errors/serialized-error.ts'
import type { RunJournal } from '../journal/run-journal.ts'
import { decodeValue } from '../primitives/value.ts'
import type { TaskRecord } from '../storage/records.ts'
import type { Deliveries } from './deliveries.ts'
import type { KeyCounter } from './key-counter.ts'
import type { CallEnd, Caller } from './run-task.ts'

/** What an answer needs of the run around it. */
interface AnswerHost {
  readonly journal: RunJournal
  readonly deliveries: Deliveries
  /** The error that a call without a record gets instead of running; null when it gets none. */
  refusal(): PerfectError | null
  callStarted(): void
  callEnded(): void
}

/** A call of flow code that waits for its answer. It is in flight until then, or for ever. */
export class Answer implements Caller {
  readonly #host: AnswerHost
  readonly #keys: KeyCounter
  readonly #key: string
  readonly #burst: number
  readonly #resolve: (value: unknown) => void
  readonly #reject: (error: unknown) => void

  constructor(
    host: AnswerHost,
    keys: KeyCounter,
    key: string,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    this.#host = host
    this.#keys = keys
    this.#key = key
    this.#burst = host.deliveries.burst
    this.#resolve = resolve
    this.#reject = reject
    keys.enter(this.#burst)
  }

  /** Runs the call, as there is no record of it. */
  run(start: (caller: Caller) => void): void {
    this.#host.callStarted()
    try {
      start(this)
    } catch (error) {
      this.broke(error)
    }
  }

  /** The call has come to its end; its record, if it made one, is in the journal. */
  ended(end: CallEnd): void {
    const { journal } = this.#host
    this.#host.callEnded()
    if (end !== 'accepted') journal.leave(this.#key)
    const record = journal.records.get(this.#key)
    if (end === 'accepted' && record) this.give(record)
    else this.refuse()
  }

  /** Only what we did wrong ourselves comes here; the flow must not hang on it. */
  broke(error: unknown): void {
    this.#host.callEnded()
    this.#host.deliveries.add(Infinity, () => {
      this.#keys.leave(this.#burst)
      this.#reject(error)
    })
  }

  /** Gives what a record says, in its turn. */
  give(record: TaskRecord): void {
    this.#host.deliveries.add(record.position ?? Infinity, () => {
      this.#keys.leave(this.#burst)
      if (record.status === 'failed') this.#reject(record.error ? deserializeError(record.error) : new Error('failed'))
      else this.#resolve(record.value === null ? undefined : decodeValue(record.value))
    })
  }

  /** A call that may not start, or was stopped by the end of the run: a cancelled flow gets to know, a parked or lost one is simply abandoned. */
  refuse(): void {
    this.#host.deliveries.add(Infinity, () => {
      const refusal = this.#host.refusal()
      if (refusal === null) return
      this.#keys.leave(this.#burst)
      this.#reject(refusal)
    })
  }
}

/** A call that gives its end as a promise, as one that tells its caller. */
export function telling(run: () => Promise<CallEnd>): (caller: Caller) => void {
  return (caller) => {
    run().then(
      (end) => caller.ended(end),
      (error: unknown) => caller.broke(error),
    )
  }
}
