/** How to start one process. Comes from the host's code, never from a request. */
export interface ProcessSpec {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd?: string
  /** Added to the small set of variables that every process gets (`PATH`, `HOME`, `LANG`, ...). */
  readonly env: Readonly<Record<string, string>>
}

/** How a process ended. */
export interface ProcessExit {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null
  readonly signal: string | null
}

/** What a started process tells. */
export interface ProcessEvents {
  /** Raw output, as it comes. */
  output(stream: 'stdout' | 'stderr', chunk: Uint8Array): void
  /** Called once; never before the process and what it started are gone. */
  exit(exit: ProcessExit): void
}

/** What a process and everything it has started use. */
export interface ProcessUsage {
  /** Processor time since their start. Unit: ms. */
  readonly cpuMs: number
  /** Unit: bytes. */
  readonly memoryBytes: number
  /** Number of processes. */
  readonly processes: number
}

/** A process that runs. */
export interface RunningProcess {
  readonly pid: number
  /** Names the process to a later life of the host, for `endLeftover`. Default: it cannot be found again. */
  readonly identity?: string
  /** What it uses; null when it has ended or the system does not tell. Default: it is not known. */
  usage?(): Promise<ProcessUsage | null>
  /** Asks the process to end by itself (SIGTERM). */
  terminate(): void
  /** Ends it and everything it started, at once. */
  kill(): void
}

/** Starts processes: as children of this one, in a container, on another machine. */
export interface ProcessAdapter {
  /** @throws {PerfectError} CLIENT_START_FAILED when it cannot be started. */
  start(spec: ProcessSpec, events: ProcessEvents): Promise<RunningProcess>
  /** Ends a process that an earlier life of the host has left behind, unless that still lives. Gives whether there was anything. */
  endLeftover?(identity: string): Promise<boolean>
}

/** A client process that the host declares. Only declared clients can be started. */
export interface ClientDeclaration {
  readonly command: string
  readonly args?: readonly string[]
  /** Working directory. Default: the host's. */
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** For people. Default: the id. */
  readonly name?: string
  /** How long a client may take to end by itself. Unit: ms. Range: >= 0. Default: 10,000. */
  readonly graceMs?: number
  /** Lines of output that are kept. Range: 1..100,000. Default: 1,000. */
  readonly logLines?: number
  /** Started with the engine. Default: false. */
  readonly autoStart?: boolean
  /** When it is started again after it has ended by itself: after an error or a signal, in any case, or not at all. Default: `on-failure`. */
  readonly restart?: 'on-failure' | 'always' | 'never'
  /** Time before the first restart; each further one waits twice as long. Unit: ms. Range: 0..3,600,000. Default: 1,000. */
  readonly restartMinDelayMs?: number
  /** No restart waits longer, and a client that has run as long begins anew with the first time. Unit: ms. Range: >= `restartMinDelayMs`, <= 3,600,000. Default: 60,000. */
  readonly restartMaxDelayMs?: number
}
