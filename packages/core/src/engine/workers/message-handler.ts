import { PerfectError } from '../../errors/perfect-error.ts'
import { serializeError } from '../../errors/serialized-error.ts'
import { registerFlows, type PermitFlow } from './flow-announcement.ts'
import type { AnnouncedFlow, EngineMessage, RunKey, WorkerMessage } from './messages.ts'
import { runKeyOf } from './parse-message.ts'
import type { RemoteWorker } from './remote-worker.ts'
import { journalPart } from './run-assignment.ts'
import type { GiveBack } from './worker-host.ts'
import type { WorkerPool } from './worker-pool.ts'
import type { WorkerRun } from './worker-run.ts'

type Message<T extends WorkerMessage['type']> = Extract<WorkerMessage, { readonly type: T }>
type RunMessage = Extract<WorkerMessage, RunKey>

/** Does what a welcomed worker says over one connection. */
export class MessageHandler {
  readonly #pool: WorkerPool
  readonly #worker: RemoteWorker
  readonly #send: (message: EngineMessage) => void
  readonly #permit: PermitFlow | null

  constructor(
    pool: WorkerPool,
    worker: RemoteWorker,
    send: (message: EngineMessage) => void,
    permit: PermitFlow | null,
  ) {
    this.#pool = pool
    this.#worker = worker
    this.#send = send
    this.#permit = permit
  }

  take(message: WorkerMessage): void {
    if ('runId' in message) return this.#takeForRun(message)
    switch (message.type) {
      case 'hello':
        this.#tellError('bad_message', 'The worker has said hello already', 'Open a new connection to say it again.')
        break
      case 'flows.update':
        this.#inBackground(this.#updateFlows(message.id, message.add))
        break
      case 'heartbeat':
        this.#heartbeat(message)
        break
      case 'drain':
        this.#worker.isDraining = true
        this.#pool.changed(this.#worker)
        this.#send({ type: 'drain.ack' })
        break
      case 'error':
        this.#reportComplaint(message)
        break
      case 'unknown':
        this.#tellError('unknown_type', 'The type of the message is not known', `"${message.name}" was ignored.`)
        break
    }
  }

  /** Ends a run whose events cannot be understood: they would come again and again. */
  failRun(message: unknown, error: PerfectError): void {
    const key = runKeyOf(message)
    const run = key ? this.#worker.held.get(key.runId) : undefined
    if (run && run.key.epoch === key?.epoch)
      this.#inBackground(run.end({ status: 'failed', result: null, error: serializeError(error) }, 'finished'))
  }

  #takeForRun(message: RunMessage): void {
    const run = this.#worker.held.get(message.runId)
    if (run?.key.epoch !== message.epoch || run.isLost) return this.#answerForeign(message)
    if (!run.isAccepted) this.#pool.renew(run)
    switch (message.type) {
      case 'run.accept':
        break
      case 'run.events':
        this.#inBackground(run.receiveEvents(message.firstSeq, message.events))
        break
      case 'log.batch':
        this.#inBackground(run.receiveLogs(message.firstSeq, message.lines))
        break
      case 'progress':
        run.receiveProgress(message.key, message.done, message.message)
        break
      case 'journal.get': {
        const { entries, next } = journalPart(run.journal, message.offset, message.limit)
        this.#send({ type: 'journal.page', re: message.id, ...run.key, entries, next })
        break
      }
      case 'run.reject':
        this.#rejected(run, message)
        break
      case 'run.release':
        if (message.reason === 'resource') this.#pool.pause(this.#worker)
        this.#inBackground(this.#pool.giveBack(run, this.#howOf(message)))
        break
    }
  }

  #howOf({ reason, wakeInMs }: Message<'run.release'>): GiveBack {
    if (wakeInMs !== null) return { wakeAt: this.#pool.host.clock.now() + wakeInMs }
    // Its process died, while the worker lives on: the same as if the worker had died of it.
    return reason === 'crashed' ? 'crashed' : 'blameless'
  }

  /** A run that the worker does not hold: its own, whose last answer was lost, or somebody else's. */
  #answerForeign({ type, runId, epoch }: RunMessage): void {
    const run = this.#worker.held.get(runId)
    if (run?.isLost === true) run.leave()
    const seq = this.#worker.endedAt(runId, epoch)
    if (seq !== undefined && type === 'run.events') this.#send({ type: 'run.ack', runId, epoch, seq })
    else if (type === 'run.events' || type === 'log.batch' || type === 'journal.get') {
      const isElsewhere = run !== undefined || this.#pool.find(runId) !== undefined
      const reason = seq !== undefined ? 'finished' : isElsewhere ? 'stale_epoch' : 'unknown_run'
      this.#send({ type: 'run.revoked', runId, epoch, reason })
    }
  }

  #heartbeat({ n, runs, slots }: Message<'heartbeat'>): void {
    const worker = this.#worker
    if (slots !== null) worker.slots = slots
    const revoked: RunKey[] = []
    const cancelled: RunKey[] = []
    for (const { runId, epoch } of runs) {
      const run = worker.held.get(runId)
      if (run?.key.epoch === epoch && !run.isLost) {
        this.#pool.renew(run)
        if (run.cancelRequest) cancelled.push(run.key)
      } else if (worker.endedAt(runId, epoch) === undefined) revoked.push({ runId, epoch })
    }
    if (worker.isSuspect) {
      worker.isSuspect = false
      this.#pool.changed(worker)
    }
    this.#send({ type: 'heartbeat.ack', n, revoked, cancelled })
    this.#pool.listener.freed()
  }

  #rejected(run: WorkerRun, { reason, detail }: Message<'run.reject'>): void {
    const worker = this.#worker
    if (reason === 'bad_params') {
      const { name, id } = run.journal.definition
      const why = detail === null ? '' : ` ${detail}.`
      const error = new PerfectError(
        'INPUT_INVALID',
        `The input does not fit flow "${name}".${why} Trigger it with input that fits.`,
        {
          details: { flow: id, worker: worker.id },
        },
      )
      this.#inBackground(run.end({ status: 'failed', result: null, error: serializeError(error) }, 'finished'))
      return
    }
    if (reason === 'draining') worker.isDraining = true
    else if (reason === 'no_capacity') this.#pool.pause(worker)
    else worker.flowIds = new Set([...worker.flowIds].filter((id) => id !== run.journal.definition.id))
    this.#inBackground(this.#pool.giveBack(run, 'blameless'))
  }

  async #updateFlows(id: string, add: readonly AnnouncedFlow[]): Promise<void> {
    const { verdicts, flowIds } = await registerFlows(this.#pool.host, add, this.#permit)
    this.#worker.flowIds = new Set([...this.#worker.flowIds, ...flowIds])
    this.#send({ type: 'flows.result', re: id, flows: verdicts })
    this.#pool.changed(this.#worker)
    this.#pool.listener.freed()
  }

  #reportComplaint({ code, title, detail }: Message<'error'>): void {
    const said = `Worker ${this.#worker.id} did not understand the engine. ${code}: ${detail || title}`
    this.#pool.listener.report(new PerfectError('MESSAGE_INVALID', said), 'talking to a worker')
  }

  #tellError(code: 'bad_message' | 'unknown_type', title: string, detail: string): void {
    this.#send({ type: 'error', code, title, detail, fatal: false })
  }

  #inBackground(work: Promise<void>): void {
    work.catch((error: unknown) => this.#pool.listener.report(error, 'doing what a worker said'))
  }
}
