import type { ErrorReporter } from '../event-bus.ts'

/**
 * Where an engine tells what it does, as structured fields and a sentence. A logger of pino fits as it is, and so does `console`.
 * A logger that throws hurts nobody.
 */
export interface EngineLogger {
  /** Writes what only somebody who looks for a fault wants to know. */
  debug(fields: object, message: string): void
  /** Writes what happens in the normal run of things. */
  info(fields: object, message: string): void
  /** Writes what somebody should look at some time. */
  warn(fields: object, message: string): void
  /** Writes what somebody should look at now. */
  error(fields: object, message: string): void
  /** Gives a logger that adds these fields to every line. Without it the engine adds them itself. */
  child?(fields: object): EngineLogger
}

type Level = 'debug' | 'info' | 'warn' | 'error'

/** What a line is about; `event` is a fixed word to search for. */
export type LogFacts = { readonly event: string } & Readonly<Record<string, unknown>>

/** Tells of an error that nobody waits for as a warning of the process. */
export const warnOfError: ErrorReporter = (error, doing) => {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.emitWarning(`Perfect: ${doing}: ${message}`, 'PerfectWarning')
}

/** The log of one engine. */
export class EngineLog {
  readonly #engineId: string
  readonly #onError: ErrorReporter | null
  #logger: EngineLogger | null
  #isChild = false
  #hasWarned = false

  constructor(engineId: string, options: { readonly logger?: EngineLogger; readonly onError?: ErrorReporter }) {
    this.#engineId = engineId
    this.#logger = options.logger ?? null
    this.#onError = options.onError ?? (options.logger ? null : warnOfError)
    this.#guard(() => this.#useChild())
  }

  debug(facts: LogFacts, message: string): void {
    this.#write('debug', facts, message)
  }

  info(facts: LogFacts, message: string): void {
    this.#write('info', facts, message)
  }

  warn(facts: LogFacts, message: string): void {
    this.#write('warn', facts, message)
  }

  error(facts: LogFacts, message: string): void {
    this.#write('error', facts, message)
  }

  /** Tells of an error that nobody waits for: to the host, and to the log. */
  readonly report: ErrorReporter = (error, doing) => {
    this.#write('error', { event: 'error', err: error, doing }, `error while ${doing}`)
    this.#guard(() => this.#onError?.(error, doing))
  }

  #write(level: Level, facts: LogFacts, message: string): void {
    if (this.#logger === null) return
    const fields = this.#isChild ? facts : { engineId: this.#engineId, ...facts }
    this.#guard(() => this.#logger?.[level](fields, message))
  }

  #useChild(): void {
    const child = this.#logger?.child?.({ engineId: this.#engineId })
    if (!child) return
    this.#logger = child
    this.#isChild = true
  }

  // Told once: a log that is broken is broken for each line.
  #guard(run: () => void): void {
    try {
      run()
    } catch (error) {
      if (this.#hasWarned) return
      this.#hasWarned = true
      warnOfError(error, 'writing to the logger')
    }
  }
}
