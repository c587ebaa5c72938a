import type { ClientView, EngineEventName, EngineEvents, FlowView, LogLevel, LogView, Page } from '@perfect/core'
import type { RunDetailView, RunStatus, RunView, WorkerView } from '@perfect/core'

/*
 * What the elements need from an engine, as a port. `createHttpClient` speaks the HTTP API; a host with a transport of its own
 * (a desktop shell, another protocol, recorded data) gives its own object in the `client` property.
 */

/** What the engine says about itself. */
export interface EngineInfo {
  /** Name of the engine. */
  readonly name: string
  /** Version of Perfect that it runs. */
  readonly version: string
  /** Identifier of the engine; another one after a restart. */
  readonly engineId: string
  /** Kind of storage, for example `sqlite`. */
  readonly storage: string
  /** `running`, `stopping` and so on. */
  readonly state: string
  /** Instant of the answer on the server's clock, RFC 3339. */
  readonly serverTime: string
}

/** Which runs to list, newest first. */
export interface RunQuery {
  /** Only runs of this flow. */
  readonly flowId?: string
  /** Only runs with one of these statuses. */
  readonly statuses?: readonly RunStatus[]
  /** `nextCursor` of the page before. Default: the first page. */
  readonly cursor?: string
  /** Unit: runs. Range: 1..200. Default: 50. */
  readonly limit?: number
}

/** Which log lines to read, oldest first. */
export interface LogQuery {
  /** Only lines with a greater number. Range: >= 0. */
  readonly after?: number
  /** Only lines with a smaller number. Range: >= 1. */
  readonly before?: number
  /** Only lines of this level and above. Default: all. */
  readonly minLevel?: LogLevel
  /** Unit: lines. Range: 1..1000. Default: 200. */
  readonly limit?: number
}

/** How to start a run. */
export interface TriggerRequest {
  /** Name of one of the flow's configurations. */
  readonly configuration: string
  /** Left out when the flow takes no input. */
  readonly input?: unknown
  /** The same key starts at most one run, so a request can be repeated after a lost answer. */
  readonly idempotencyKey: string
}

/** A message of the live stream. `alive` is a sign of life without content. */
export type StreamMessage =
  | { readonly type: 'hello'; readonly serverTime: string; readonly lastId: string | null }
  | { readonly type: 'reset' }
  | { readonly type: 'alive' }
  | {
      [N in EngineEventName]: {
        readonly type: 'event'
        readonly id: string
        readonly name: N
        readonly data: EngineEvents[N]
      }
    }[EngineEventName]

/** What to follow live. */
export interface StreamRequest {
  /** `runs`, `flows`, `clients`, `workers`, `run:<id>`, `logs:<id>`. */
  readonly topics: readonly string[]
  /** Continue after this event; null for "from now on". */
  readonly lastEventId: string | null
  /** Ends the stream. */
  readonly signal: AbortSignal
}

/** What can be asked of a client process. */
export type ClientAction = 'start' | 'stop' | 'restart'

/** Where the elements get their data and send their commands. Every method throws an `ApiError` when it is refused. */
export interface DashboardClient {
  /** What the engine is. */
  /** Name, version and clock of the engine. */
  getInfo(): Promise<EngineInfo>
  /** All flows. */
  /** Every registered flow. */
  getFlows(): Promise<readonly FlowView[]>
  /** A page of runs, newest first. */
  /** A page of runs, newest first. */
  getRuns(query: RunQuery): Promise<Page<RunView>>
  /** A run with its tasks, input and result. */
  /** A run with its tasks, input and result. */
  getRun(runId: string): Promise<RunDetailView>
  /** A page of log lines, oldest first. */
  /** A page of the log of a run, oldest first. */
  getLogs(runId: string, query: LogQuery): Promise<Page<LogView>>
  /** The remote workers that are connected. */
  /** The connected workers. */
  getWorkers(): Promise<readonly WorkerView[]>
  /** The client processes that the host declares. */
  /** The declared client processes with their last lines. */
  getClients(): Promise<readonly ClientView[]>
  /** Starts a run. */
  /** Starts a run. */
  triggerFlow(flowId: string, request: TriggerRequest): Promise<RunView>
  /** Asks a run to end. */
  /** Asks a run to stop. */
  cancelRun(runId: string): Promise<RunView>
  /** Starts a declared client process. */
  /** Starts a declared client process. */
  startClient(clientId: string): Promise<readonly ClientView[]>
  /** Stops it. */
  /** Stops a declared client process. */
  stopClient(clientId: string): Promise<readonly ClientView[]>
  /** Stops a declared client process and starts it again. */
  restartClient(clientId: string): Promise<readonly ClientView[]>
  /** Follows the live stream. The iteration ends when the connection does and throws when it cannot be opened. */
  stream(request: StreamRequest): AsyncIterable<StreamMessage>
}
