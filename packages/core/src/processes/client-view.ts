/** A line of a client process' output. */
export interface ClientLogView {
  /** Grows by one with each line of the client; a gap shows lines that came faster than they could be shown. */
  readonly seq: number
  readonly at: string
  /** `system`: written by the engine, about the process. */
  readonly stream: 'stdout' | 'stderr' | 'system'
  readonly text: string
}

/** Lines of a client. */
export interface ClientLogPage {
  readonly items: readonly ClientLogView[]
  /** `after` of the next page; null when there is none. */
  readonly nextCursor: string | null
}

/** What a client and the processes it has started use. */
export interface ClientUsageView {
  readonly at: string
  /** Processor time since the sample before, as a share of one core. Range: >= 0; 2 is two whole cores. */
  readonly cpu: number
  /** Memory in use; what processes share is counted for each of them. Unit: bytes. */
  readonly memoryBytes: number
  /** Number of its processes. */
  readonly processes: number
}

/** A declared client process. */
export interface ClientView {
  readonly id: string
  readonly name: string
  /** `restarting`: it ended by itself and is started again at `nextStartAt`. `failed`: it ended by itself with an error, or could not be started. */
  readonly status: 'stopped' | 'starting' | 'running' | 'stopping' | 'restarting' | 'failed'
  /**
   * `ok`: its worker is heard of. `silent`: its worker has connected and then fell silent. `unknown`: it does not run, or no worker of
   * this start has connected, which programs that are no workers never do.
   */
  readonly health: 'ok' | 'silent' | 'unknown'
  readonly pid: number | null
  readonly startedAt: string | null
  readonly exit: { readonly code: number | null; readonly signal: string | null; readonly at: string } | null
  /** How often it was started since the engine is up. */
  readonly starts: number
  /** How often it was started again by itself since somebody has started it. */
  readonly restarts: number
  /** When it is started again; null when it is not waiting for that. */
  readonly nextStartAt: string | null
  /** What it uses, sampled every 5 s while it runs: the last 5 minutes, oldest first. Empty where the system does not tell, as on Windows. */
  readonly usage: readonly ClientUsageView[]
  /** Its last lines, oldest first. */
  readonly logs: readonly ClientLogView[]
}

/** What can be done with a client process. */
export type ClientAction = 'start' | 'stop' | 'restart'
