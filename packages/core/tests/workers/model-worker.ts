import type { EngineMessage, WorkerSession } from '@perfect/core'

import type { WorkerBench } from './scripted-worker.ts'

interface Run {
  readonly runId: string
  readonly epoch: number
  readonly outbox: unknown[]
  /** Results that the flow knows, recorded before or acknowledged now. */
  readonly results: Map<string, unknown>
  acked: number
  sent: number
  logs: number
  ackedLogs: number
  sentLogs: number
  isEnded: boolean
}

/**
 * A small worker that keeps the rules of the protocol over a connection that may lose what was sent last, double a batch, or break. Its
 * flow runs tasks `t#1` to `t#n`, two at a time, writes a line for each and returns the sum of their results.
 */
export class ModelWorker {
  /** Every task that was run, with its run: `run/key`. */
  readonly effects: string[] = []
  readonly #bench: WorkerBench
  readonly #id: string
  readonly #tasks: number
  readonly #runs = new Map<string, Run>()
  #session: WorkerSession | null = null
  #isWelcome = false
  /** What was sent and has not arrived: all of it is lost when the connection breaks. */
  #onTheWay: unknown[] = []

  constructor(bench: WorkerBench, id: string, tasks: number) {
    this.#bench = bench
    this.#id = id
    this.#tasks = tasks
  }

  get isConnected(): boolean {
    return this.#session !== null
  }

  connect(): void {
    if (this.#session !== null) return
    const session = this.#bench.engine.workers.open({
      kind: 'websocket',
      send: (message) => {
        if (this.#session === session) this.#take(JSON.parse(JSON.stringify(message)) as EngineMessage)
      },
      close: () => {
        if (this.#session === session) this.break()
      },
    })
    this.#session = session
    this.#isWelcome = false
    const inFlight = [...this.#runs.values()].map(({ runId, epoch, outbox }) => ({
      runId,
      epoch,
      eventSeq: outbox.length,
    }))
    const flows = [{ name: 'Model' }]
    session.receive({ type: 'hello', workerId: this.#id, protocol: { min: 1, max: 1 }, slots: 2, flows, inFlight })
  }

  /** Loses the connection with everything that is on its way. */
  break(): void {
    const session = this.#session
    this.#session = null
    this.#isWelcome = false
    this.#onTheWay = []
    session?.closed()
  }

  beat(): void {
    if (!this.#isWelcome) return
    const runs = [...this.#runs.values()].map(({ runId, epoch }) => ({ runId, epoch }))
    this.#session?.receive({ type: 'heartbeat', n: 1, runs })
  }

  /** Does one step of work in each run. */
  work(): void {
    for (const run of this.#runs.values()) {
      const open = Array.from({ length: this.#tasks }, (_, index) => `t#${String(index + 1)}`).filter(
        (key) => !run.results.has(key),
      )
      for (const key of open.slice(0, 2)) if (!this.#isSent(run, key)) this.#runTask(run, key)
      if (open.length === 0 && !run.isEnded) {
        run.isEnded = true
        const result = [...run.results.values()].reduce<number>((sum, value) => sum + Number(value), 0)
        run.outbox.push({ kind: 'run.completed', status: 'succeeded', result })
      }
    }
    this.#send()
  }

  /** Lets the first messages arrive, the newest of them twice if asked. */
  deliver(count: number, isDoubled: boolean): void {
    const arriving = this.#onTheWay.splice(0, count)
    for (const message of arriving) this.#session?.receive(message)
    if (isDoubled && arriving.length > 0) this.#session?.receive(arriving.at(-1))
  }

  #isSent({ outbox }: Run, key: string): boolean {
    return outbox.some((event) => (event as { key?: string }).key === key)
  }

  #runTask(run: Run, key: string): void {
    this.effects.push(`${run.runId}/${key}`)
    const step = { key, task: 't', attempt: 1 }
    run.outbox.push({ kind: 'step.started', ...step })
    run.outbox.push({ kind: 'step.completed', ...step, status: 'succeeded', result: Number(key.slice(2)) })
    run.logs++
  }

  #send(): void {
    if (!this.#isWelcome) return
    for (const run of this.#runs.values()) {
      const { runId, epoch } = run
      const events = run.outbox.slice(run.sent)
      if (events.length > 0) this.#onTheWay.push({ type: 'run.events', runId, epoch, firstSeq: run.sent + 1, events })
      run.sent = run.outbox.length
      const lines = Array.from({ length: run.logs - run.sentLogs }, (_, index) => ({
        msg: `${String(epoch)}:${String(run.sentLogs + index + 1)}`,
      }))
      if (lines.length > 0) this.#onTheWay.push({ type: 'log.batch', runId, epoch, firstSeq: run.sentLogs + 1, lines })
      run.sentLogs = run.logs
    }
  }

  #take(message: EngineMessage): void {
    if (message.type === 'welcome') this.#welcome(message)
    else if (message.type === 'run.assign') this.#assigned(message)
    else if (message.type === 'run.revoked') this.#drop(message)
    else if (message.type === 'heartbeat.ack') for (const key of message.revoked) this.#drop(key)
    else if (message.type === 'run.ack') this.#acked(message.runId, message.epoch, message.seq)
    else if (message.type === 'log.ack') {
      const run = this.#runs.get(message.runId)
      if (run?.epoch === message.epoch) run.ackedLogs = Math.max(run.ackedLogs, message.seq)
    } else if (message.type === 'error') throw new Error(`The engine complains: ${JSON.stringify(message)}`)
  }

  #welcome({ runs }: Extract<EngineMessage, { readonly type: 'welcome' }>): void {
    this.#isWelcome = true
    for (const verdict of runs) {
      const run = this.#runs.get(verdict.runId)
      if (verdict.verdict === 'revoked') this.#drop(verdict)
      else if (run) {
        if (verdict.ackedSeq < run.acked || verdict.ackedLogSeq < run.ackedLogs)
          throw new Error(`Something acknowledged was not stored: ${JSON.stringify(verdict)}`)
        this.#acked(run.runId, run.epoch, verdict.ackedSeq)
        run.sent = verdict.ackedSeq
        run.sentLogs = verdict.ackedLogSeq
      }
    }
    this.#send()
  }

  #assigned({ runId, epoch, journal }: Extract<EngineMessage, { readonly type: 'run.assign' }>): void {
    const results = new Map(journal.map(({ key, result }) => [key, result]))
    const run: Run = {
      runId,
      epoch,
      outbox: [],
      results,
      acked: 0,
      sent: 0,
      logs: 0,
      ackedLogs: 0,
      sentLogs: 0,
      isEnded: false,
    }
    this.#runs.set(runId, run)
    this.#onTheWay.push({ type: 'run.accept', runId, epoch })
  }

  #acked(runId: string, epoch: number, seq: number): void {
    const run = this.#runs.get(runId)
    if (run?.epoch !== epoch) return
    run.acked = Math.max(run.acked, seq)
    for (const event of run.outbox.slice(0, run.acked) as readonly { kind: string; key: string; result: unknown }[])
      if (event.kind === 'step.completed') run.results.set(event.key, event.result)
    if (run.isEnded && run.acked === run.outbox.length) this.#runs.delete(runId)
  }

  #drop({ runId, epoch }: { readonly runId: string; readonly epoch: number }): void {
    if (this.#runs.get(runId)?.epoch === epoch) this.#runs.delete(runId)
  }
}
