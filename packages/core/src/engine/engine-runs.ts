import { cancelRun } from './cancel-run.ts'
import { EngineListeners } from './engine-listeners.ts'
import { appendLog, type LogInputs } from './log-input.ts'
import type { LogsQuery, RunsQuery } from './run-queries.ts'
import type { LogView, Page, RunDetailView, RunView } from './views.ts'

/** What an engine tells of its runs, and what can be asked of them. */
export abstract class EngineRuns extends EngineListeners {
  /** Makes the engine ready. */
  abstract start(): Promise<void>

  /** @throws {PerfectError} CURSOR_INVALID, REQUEST_INVALID */
  async getRuns(query: RunsQuery = {}): Promise<Page<RunView>> {
    await this.start()
    return this.parts.queries.list(query)
  }

  /** @throws {PerfectError} RUN_NOT_FOUND */
  async getRun(id: string): Promise<RunView> {
    await this.start()
    return this.parts.active.view(await this.parts.queries.record(id))
  }

  /** A run with its tasks, input and result. @throws {PerfectError} RUN_NOT_FOUND */
  async getRunDetail(id: string): Promise<RunDetailView> {
    await this.start()
    return this.parts.queries.detail(id)
  }

  /** Log lines of a run, oldest first. @throws {PerfectError} RUN_NOT_FOUND, REQUEST_INVALID */
  async getLogs(runId: string, query: LogsQuery = {}): Promise<Page<LogView>> {
    await this.start()
    return this.parts.queries.logs(runId, query)
  }

  /**
   * Adds lines to the log of a run; gives them with their numbers once they are stored.
   *
   * @throws {PerfectError} RUN_NOT_FOUND, LOG_INVALID, STORAGE_UNAVAILABLE
   */
  async addFlowLog(runId: string, log: LogInputs): Promise<readonly LogView[]> {
    await this.start()
    return appendLog(this.parts, runId, log)
  }

  /**
   * Asks a run to end; gives it as it is then. A run that nobody drives is cancelled at once.
   *
   * @throws {PerfectError} RUN_NOT_FOUND, RUN_FINISHED, STORAGE_UNAVAILABLE
   */
  async cancelRun(id: string, reason?: string): Promise<RunView> {
    await this.start()
    return cancelRun(this.parts, id, reason ?? null)
  }
}
