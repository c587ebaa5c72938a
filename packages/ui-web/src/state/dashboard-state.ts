import type { ClientView, FlowView, RunDetailView, RunView, TaskView, WorkerView } from '@perfect/core'

import type { ApiError } from '../api/api-error.ts'
import type { EngineInfo, StreamMessage } from '../api/dashboard-client.ts'

/*
 * Everything the pages show, as one immutable value, and the messages that change it. `reduce` is the only place that does.
 */

/** The lists that are loaded and fail independently of each other. */
export type Part = 'info' | 'flows' | 'runs' | 'clients' | 'workers'

/** A run that a page has opened. */
export interface RunDetail {
  readonly tasks: ReadonlyMap<string, TaskView>
  readonly input: unknown
  readonly result: unknown
  /** Lines in the log of the run when it was read; live lines come on top. */
  readonly logLines: number
}

/** Everything the pages show. */
export interface DashboardState {
  readonly info: EngineInfo | null
  readonly flows: ReadonlyMap<string, FlowView>
  readonly runs: ReadonlyMap<string, RunView>
  readonly clients: ReadonlyMap<string, ClientView>
  readonly workers: ReadonlyMap<string, WorkerView>
  readonly details: ReadonlyMap<string, RunDetail>
  /** Parts that have arrived at least once. */
  readonly loaded: ReadonlySet<Part>
  /** Why a part, or the detail of a run (by its id), could not be read. */
  readonly errors: ReadonlyMap<string, ApiError>
}

/** An event of the live stream. */
export type LiveEvent = Extract<StreamMessage, { type: 'event' }>

/** What changes the state. */
export type StateMessage =
  | { readonly type: 'info'; readonly info: EngineInfo }
  | { readonly type: 'flows'; readonly items: readonly FlowView[] }
  /** A snapshot holds every active run and the newest of the others; a page of a list does not. */
  | { readonly type: 'runs'; readonly items: readonly RunView[]; readonly isSnapshot: boolean }
  | { readonly type: 'clients'; readonly items: readonly ClientView[] }
  | { readonly type: 'workers'; readonly items: readonly WorkerView[] }
  | { readonly type: 'detail'; readonly detail: RunDetailView }
  | { readonly type: 'forget'; readonly runId: string }
  | { readonly type: 'error'; readonly key: string; readonly error: ApiError }
  | LiveEvent

/** The state before anything arrived. */
export const emptyState: DashboardState = {
  info: null,
  flows: new Map(),
  runs: new Map(),
  clients: new Map(),
  workers: new Map(),
  details: new Map(),
  loaded: new Set(),
  errors: new Map(),
}
