/** A line of a client process' output. */
export interface ClientLogView {
  /** Grows by one with each line of the client; a gap shows lines that came faster than they could be shown. */
  readonly seq: number
  readonly at: string
  /** `system`: written by the engine, about the process. */
  readonly stream: 'stdout' | 'stderr' | 'system'
  readonly text: string
}

/** A declared client process. */
export interface ClientView {
  readonly id: string
  readonly name: string
  /** `failed`: it ended by itself with an error, or could not be started. */
  readonly status: 'stopped' | 'starting' | 'running' | 'stopping' | 'failed'
  readonly pid: number | null
  readonly startedAt: string | null
  readonly exit: { readonly code: number | null; readonly signal: string | null; readonly at: string } | null
  /** How often it was started since the engine is up. */
  readonly starts: number
  /** Its last lines, oldest first. */
  readonly logs: readonly ClientLogView[]
}
