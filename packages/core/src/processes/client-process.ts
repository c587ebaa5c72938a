/*
 * One declared client and the process it has, or has not, at the moment.
 *
 *   stopped, failed --start--> starting --it runs--> running --stop--> stopping --it has ended--> stopped
 *   starting --cannot be started--> failed
 *   starting --stop--> stopping, as soon as it runs
 *   running --exit 0--> stopped        running --another code or a signal--> failed
 *   running --it ended by itself, and its policy says so--> restarting --time is up--> starting
 *   restarting --stop--> stopped       restarting --start--> starting
 *   stopping --start--> starting, once the old process has ended
 *
 * The last call wins: a start takes a stop back that has not begun, and the other way round.
 */
import { PerfectError } from '../errors/perfect-error.ts'
import type { Clock } from '../primitives/clock.ts'
import type { ClientPlan } from './client-declaration.ts'
import type { ClientFiles } from './client-files.ts'
import { ClientUsage } from './client-usage.ts'
import type { ClientLogView, ClientView } from './client-view.ts'
import { OutputCapture } from './output-capture.ts'
import type { ProcessAdapter, ProcessExit, RunningProcess } from './process-adapter.ts'
import { RestartDelays } from './restart-delays.ts'

/** Where the state and the output of clients go. */
export interface ClientPublisher {
  /** A client changed its state; `logs` is empty here. */
  updated(view: ClientView): void
  /** A client wrote lines. */
  log(id: string, lines: readonly ClientLogView[]): void
  /** A process has ended; the text is what it had in its `PERFECT_PROCESS`. */
  exited(processLabel: string): void
}

/** What a client works with. */
export interface ClientPorts {
  readonly adapter: ProcessAdapter
  readonly clock: Clock
  readonly publish: ClientPublisher
  /** Where its output and its process are kept. Default: in memory only. */
  readonly filesOf?: (clientId: string) => ClientFiles
  /** What is heard of the worker whose process has this label; undefined when there is none. Default: there are no workers. */
  readonly heartbeat?: (processLabel: string) => 'ok' | 'silent' | undefined
}

interface Life {
  readonly label: string
  readonly since: number
  readonly ended: PromiseWithResolvers<void>
  hasEnded: boolean
  process?: RunningProcess
  cancelKill?: () => void
}

/** A declared client. */
export class ClientProcess {
  readonly plan: ClientPlan
  readonly #ports: ClientPorts
  readonly #capture: OutputCapture
  readonly #files: ClientFiles | null
  readonly #usage: ClientUsage
  readonly #delays: RestartDelays
  #status: ClientView['status'] = 'stopped'
  #life: Life | undefined
  #starting: Promise<void> | undefined
  #wanted: 'started' | 'stopped' = 'stopped'
  #starts = 0
  #restarts = 0
  #restart: { readonly at: string; readonly cancel: () => void } | null = null
  #startedAt: string | null = null
  #exit: ClientView['exit'] = null

  constructor(plan: ClientPlan, ports: ClientPorts) {
    this.plan = plan
    this.#ports = ports
    const publish = (lines: readonly ClientLogView[]): void => ports.publish.log(plan.id, lines)
    const files = ports.filesOf?.(plan.id) ?? null
    this.#files = files
    const keep = files === null ? {} : { keep: (lines: readonly ClientLogView[]) => files.append(lines) }
    this.#capture = new OutputCapture({ clock: ports.clock, maxLines: plan.logLines, publish, ...keep })
    this.#usage = new ClientUsage(ports.clock, () => this.#tell())
    this.#delays = new RestartDelays(plan)
  }

  get status(): ClientView['status'] {
    return this.#status
  }

  /** For the start of the engine: takes up its output, and ends the process that a host which was killed has left behind. */
  async open(): Promise<void> {
    if (this.#files === null || this.#life !== undefined) return
    this.#capture.restore(await this.#files.open(this.plan.logLines))
    const identity = await this.#files.readProcess()
    if (identity === null) return
    if (await this.#ports.adapter.endLeftover?.(identity))
      this.#capture.end('the process of an engine that was killed was still there and has been ended')
    await this.#files.noteProcess(null)
  }

  /** What it has written is in its files. */
  async settled(): Promise<void> {
    await this.#files?.settled()
  }

  /** Its lines after one, oldest first: those of memory. */
  linesAfter(after: number): readonly ClientLogView[] {
    return this.#capture.linesAfter(after)
  }

  /** Every line that is kept, oldest first, in parts. */
  async *allLines(): AsyncGenerator<readonly ClientLogView[], void, undefined> {
    if (this.#files === null) yield this.linesAfter(0)
    else yield* this.#files.all()
  }

  /** What is known of it, with its last lines. */
  view(): ClientView {
    return { ...this.#viewWithoutLogs(), logs: this.#capture.lastLines }
  }

  /**
   * Starts it; joins a start that is under way, and waits for the end of a process that is being stopped.
   *
   * @throws {PerfectError} CLIENT_START_FAILED
   */
  start(): Promise<void> {
    this.#wanted = 'started'
    if (this.#status === 'running') return Promise.resolve()
    this.#delays.reset()
    this.#restarts = 0
    return this.#startNow()
  }

  #startNow(): Promise<void> {
    this.#forgetRestart()
    this.#starting ??= this.#begin().finally(() => (this.#starting = undefined))
    return this.#starting
  }

  /** Stops it and waits until its process and what that started are gone. Does nothing when it does not run. */
  async stop(): Promise<void> {
    this.#wanted = 'stopped'
    if (this.#status === 'running') this.#askToEnd()
    if (this.#forgetRestart()) this.#change('stopped')
    await this.#starting?.catch(() => undefined)
    if (this.#isToStop()) await this.#life?.ended.promise
  }

  async #begin(): Promise<void> {
    if (this.#life !== undefined) await this.#life.ended.promise
    if (this.#isToStop()) return
    const life = this.#newLife()
    try {
      const process = await this.#ports.adapter.start(this.#spec(life.label), {
        output: (stream, chunk) => this.#capture.write(stream, chunk),
        exit: (exit) => this.#ended(life, exit),
      })
      this.#begun(life, process)
    } catch (error) {
      throw this.#notStarted(life, error)
    }
  }

  // The last call decides, whatever was awaited since.
  #isToStop(): boolean {
    return this.#wanted === 'stopped'
  }

  #newLife(): Life {
    this.#starts += 1
    const label = `${this.plan.id}:${String(this.#starts)}`
    const life: Life = { label, since: this.#ports.clock.monotonic(), ended: Promise.withResolvers(), hasEnded: false }
    this.#life = life
    this.#startedAt = this.#now()
    this.#exit = null
    this.#change('starting')
    return life
  }

  #spec(label: string): Parameters<ProcessAdapter['start']>[0] {
    const { command, args, cwd, env } = this.plan
    return { command, args, ...(cwd !== undefined && { cwd }), env: { ...env, PERFECT_PROCESS: label } }
  }

  #begun(life: Life, process: RunningProcess): void {
    if (life.hasEnded) return
    life.process = process
    this.#capture.note(`started ${[this.plan.command, ...this.plan.args].join(' ')} (pid ${String(process.pid)})`)
    if (process.identity !== undefined) void this.#files?.noteProcess(process.identity)
    this.#usage.watch(process)
    this.#change('running')
    if (this.#isToStop()) this.#askToEnd()
  }

  #notStarted(life: Life, error: unknown): PerfectError {
    const failure = PerfectError.is(error) ? error : startFailed(this.plan, error)
    this.#capture.end(`could not be started: ${failure.message}`)
    this.#finish(life, 'failed')
    return failure
  }

  #askToEnd(): void {
    const process = this.#life?.process
    if (this.#life === undefined || process === undefined) return
    const { graceMs } = this.plan
    this.#capture.note('asked to end')
    this.#change('stopping')
    const kill = (): void => {
      this.#capture.note(`did not end within ${String(graceMs)} ms and is killed`)
      process.kill()
    }
    this.#life.cancelKill = this.#ports.clock.setTimer(graceMs, kill, { ref: true })
    process.terminate()
  }

  #ended(life: Life, exit: ProcessExit): void {
    if (life.hasEnded) return
    const { code, signal } = exit
    const wasAsked = this.#status === 'stopping' || this.#isToStop()
    this.#exit = { code, signal, at: this.#now() }
    this.#capture.end(signal === null ? `exited with code ${String(code)}` : `ended by ${signal}`)
    this.#finish(life, wasAsked || code === 0 ? 'stopped' : 'failed')
    this.#ports.publish.exited(life.label)
    if (!wasAsked) this.#restartLater({ isFailure: code !== 0, ranMs: this.#ports.clock.monotonic() - life.since })
  }

  #restartLater(end: { readonly isFailure: boolean; readonly ranMs: number }): void {
    const delayMs = this.#isToStop() ? null : this.#delays.next(end)
    if (delayMs === null) return
    const { clock } = this.#ports
    const again = (): void => {
      this.#restarts += 1
      this.#startNow().catch(() => this.#restartLater({ isFailure: true, ranMs: 0 }))
    }
    this.#restart = {
      at: new Date(clock.now() + delayMs).toISOString(),
      cancel: clock.setTimer(delayMs, again, { ref: true }),
    }
    this.#capture.note(`is started again in ${String(delayMs)} ms`)
    this.#change('restarting')
  }

  #forgetRestart(): boolean {
    const restart = this.#restart
    restart?.cancel()
    this.#restart = null
    return restart !== null
  }

  #finish(life: Life, status: 'stopped' | 'failed'): void {
    life.hasEnded = true
    life.cancelKill?.()
    void this.#files?.noteProcess(null)
    this.#usage.stop()
    this.#life = undefined
    life.ended.resolve()
    this.#change(status)
  }

  #change(status: ClientView['status']): void {
    this.#status = status
    this.#tell()
  }

  #tell(): void {
    this.#ports.publish.updated({ ...this.#viewWithoutLogs(), logs: [] })
  }

  #viewWithoutLogs(): Omit<ClientView, 'logs'> {
    return {
      id: this.plan.id,
      name: this.plan.name,
      status: this.#status,
      pid: this.#life?.process?.pid ?? null,
      startedAt: this.#startedAt,
      exit: this.#exit,
      starts: this.#starts,
      restarts: this.#restarts,
      nextStartAt: this.#restart?.at ?? null,
      health: (this.#life && this.#ports.heartbeat?.(this.#life.label)) ?? 'unknown',
      usage: this.#usage.samples,
    }
  }

  #now(): string {
    return new Date(this.#ports.clock.now()).toISOString()
  }
}

function startFailed(plan: ClientPlan, cause: unknown): PerfectError<'CLIENT_START_FAILED'> {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const message = `Client "${plan.id}" could not be started: ${reason}. Check its declaration.`
  return new PerfectError('CLIENT_START_FAILED', message, { details: { client: plan.id }, cause })
}
