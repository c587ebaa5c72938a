/*
 * One run that a worker holds: assigned -> accepted -> (cancelling) -> closed. Everything the worker says about the run comes here;
 * what is answered goes to the connection that the worker has by then.
 */
import { PerfectError } from '../../errors/perfect-error.ts'
import { serializeError } from '../../errors/serialized-error.ts'
import type { RunJournal } from '../../journal/run-journal.ts'
import type { RunEnd } from '../../journal/run-writes.ts'
import type { Clock } from '../../primitives/clock.ts'
import type { IdSource } from '../../primitives/id.ts'
import { Deadline } from '../../runner/deadline.ts'
import { cancelledEnd, endOf } from '../../runner/run-stop.ts'
import type { LogLine } from '../../storage/records.ts'
import { EventRecorder } from './event-recorder.ts'
import type { CancelRequest, EngineMessage, RevokeReason, RunKey, WorkerEvent } from './messages.ts'
import type { GiveBack } from './worker-host.ts'

/** How a run left its worker. */
export type RunClosing =
  /** The worker ended it; its last event has this number. */
  | { readonly kind: 'ended'; readonly eventSeq: number }
  /** Not the worker's any more. */
  | { readonly kind: 'gone' }

/** What a run needs of its surroundings. */
export interface WorkerRunParts {
  readonly clock: Clock
  readonly ids: IdSource
  /** How long the worker may take to end a cancelled run. Unit: ms. */
  readonly cancelGraceMs: number
  /** Sends to the worker; nothing happens while it has no connection. */
  readonly send: (message: EngineMessage) => void
  readonly release: (journal: RunJournal, how: GiveBack) => Promise<void>
  readonly closed: (run: WorkerRun, closing: RunClosing) => void
  readonly report: (error: unknown, doing: string) => void
}

/** A run that a worker holds. */
export class WorkerRun {
  readonly journal: RunJournal
  readonly key: RunKey
  /** When the run is taken away, unless the worker is heard of before. Unit: ms of the monotonic clock. */
  deadline: number
  /** The worker has said that it runs it. */
  isAccepted: boolean
  readonly #parts: WorkerRunParts
  readonly #recorder: EventRecorder
  readonly #timeout: Deadline
  #loggedSeq: number
  #cancel: CancelRequest | null = null
  #stopGrace: (() => void) | null = null
  #isClosed = false

  constructor(
    parts: WorkerRunParts,
    journal: RunJournal,
    lease: { readonly deadline: number; readonly isAccepted: boolean },
  ) {
    this.#parts = parts
    this.journal = journal
    this.key = { runId: journal.run.id, epoch: journal.run.epoch }
    this.deadline = lease.deadline
    this.isAccepted = lease.isAccepted
    this.#recorder = new EventRecorder(journal, parts.clock)
    this.#timeout = new Deadline(journal, parts.clock)
    this.#loggedSeq = journal.run.workerLogSeq
    if (journal.run.cancelRequestedAt !== null) this.#startCancel()
  }

  /** The request to end the run; null when there is none. */
  get cancelRequest(): CancelRequest | null {
    return this.#cancel
  }

  /** Positions that are stored: what the worker need not send again. */
  get acked(): { readonly ackedSeq: number; readonly ackedLogSeq: number } {
    return { ackedSeq: this.#recorder.storedSeq, ackedLogSeq: this.journal.run.workerLogSeq }
  }

  /** Whether somebody else has taken the run, so that nothing of it can be stored. */
  get isLost(): boolean {
    return !this.journal.isOpen && !this.#recorder.isEnding
  }

  /** Whether the worker does not hold it any more. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Ends the run when the timeout of its flow is over; at once when it is. The worker is told that the run is not its own any more. */
  keepTimeout(): void {
    this.#timeout.keep(this.journal, (stop) => {
      this.end(endOf(stop), 'finished').catch((error: unknown) =>
        this.#parts.report(error, 'ending a run that took too long'),
      )
    })
  }

  async receiveEvents(firstSeq: number, events: readonly WorkerEvent[]): Promise<void> {
    try {
      const answer = await this.#recorder.apply(firstSeq, events)
      if (this.#isClosed) return
      if (answer.kind === 'lost') this.lose('stale_epoch')
      else if (answer.kind === 'gap') this.#tellGap(answer.expectedSeq)
      else {
        this.#parts.send({ type: 'run.ack', ...this.key, seq: answer.seq })
        if (answer.kind === 'ended') this.#close({ kind: 'ended', eventSeq: answer.seq })
      }
    } catch (error) {
      await this.#writeFailed(error, 'recording the events of a worker')
    }
  }

  /** Stores lines that did not come before. Lines after a gap are left out: they come again with the next connection. */
  async receiveLogs(firstSeq: number, lines: readonly LogLine[]): Promise<void> {
    const known = this.#loggedSeq - firstSeq + 1
    const fresh = known < 0 ? [] : lines.slice(known)
    try {
      if (fresh.length > 0) {
        this.#loggedSeq += fresh.length
        const written = await this.journal.appendWorkerLog(fresh, this.#loggedSeq)
        if (written === 'lost' && !this.#isClosed) return this.lose('stale_epoch')
      }
      if (!this.#isClosed) this.#parts.send({ type: 'log.ack', ...this.key, seq: this.journal.run.workerLogSeq })
    } catch (error) {
      await this.#writeFailed(error, 'storing the log of a worker')
    }
  }

  receiveProgress(key: string | null, done: number, message: string | null): void {
    if (key !== null && !this.#isClosed) this.journal.report(key, done, message)
  }

  /** Tells the worker to start nothing new and to give the run back, or that it may go on. One that does not know this runs on to the end. */
  tellPause(): void {
    this.#parts.send({ type: this.journal.run.pausedAt === null ? 'run.resume' : 'run.pause', ...this.key })
  }

  /** Asks the worker to end the run. What it has not ended after the grace is ended without it. */
  cancel(): void {
    if (this.#cancel === null) this.#startCancel()
    if (this.#cancel) this.#parts.send({ type: 'run.cancel', ...this.key, ...this.#cancel })
  }

  /**
   * Gives the run back, for another worker; one that was to be cancelled ends instead.
   *
   * @param reason Told to the worker, when it does not know yet.
   */
  async giveBack(how: GiveBack, reason?: RevokeReason): Promise<void> {
    if (this.#isClosed || this.#recorder.isEnding) return
    if (reason !== undefined) this.#parts.send({ type: 'run.revoked', ...this.key, reason })
    this.#close({ kind: 'gone' })
    if (this.journal.run.cancelRequestedAt !== null) await this.journal.finish(cancelledEnd(this.journal))
    else await this.#parts.release(this.journal, how)
  }

  /** Ends the run without the worker. */
  async end(end: RunEnd, reason: RevokeReason): Promise<void> {
    if (this.#isClosed || this.#recorder.isEnding) return
    this.#close({ kind: 'gone' })
    this.#parts.send({ type: 'run.revoked', ...this.key, reason })
    await this.journal.finish(end)
  }

  /** The run is somebody else's. */
  lose(reason: RevokeReason): void {
    if (this.#isClosed) return
    this.#parts.send({ type: 'run.revoked', ...this.key, reason })
    this.#close({ kind: 'gone' })
  }

  /** Leaves the run as it is, for the worker to go on with at the next engine. */
  leave(): void {
    this.#close({ kind: 'gone' })
  }

  #startCancel(): void {
    const { cancelGraceMs: graceMs, ids, clock } = this.#parts
    this.#cancel = { cancelId: ids.next('cancel'), mode: 'graceful', graceMs, reason: this.journal.run.cancelReason }
    this.#stopGrace = clock.setTimer(graceMs, () => {
      this.end(cancelledEnd(this.journal), 'cancelled').catch((error: unknown) =>
        this.#parts.report(error, 'ending a cancelled run'),
      )
    })
  }

  #tellGap(expectedSeq: number): void {
    this.#parts.send({
      type: 'error',
      re: 'run.events',
      code: 'journal_gap',
      ...this.key,
      expectedSeq,
      title: 'Events are missing before these',
      detail: `The next event of run ${this.key.runId} must have the number ${String(expectedSeq)}. Send all from there on.`,
      fatal: false,
    })
  }

  // What was not stored may be between what was: the run cannot go on from here.
  async #writeFailed(error: unknown, doing: string): Promise<void> {
    // The engine is gone; the next one goes on with the worker.
    if (PerfectError.is(error, 'ENGINE_STOPPED')) return
    this.#parts.report(error, doing)
    if (this.#isClosed) return
    this.#close({ kind: 'gone' })
    this.#parts.send({ type: 'run.revoked', ...this.key, reason: 'finished' })
    await this.journal.finish({ status: 'failed', result: null, error: serializeError(error) })
  }

  #close(closing: RunClosing): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#stopGrace?.()
    this.#timeout.stop()
    this.#parts.closed(this, closing)
  }
}
