import type { ActionsView } from '../errors/action-view.ts'
import type { RunRecord, RunStatus } from '../storage/records.ts'
import type { ApprovalAction } from './action-views.ts'
import type { AlertsQuery, AlertView } from './alerts/alert-queries.ts'
import type { FailureGroupView, FailuresQuery } from './analytics/failure-groups.ts'
import type { RunHistogram, RunHistogramQuery } from './analytics/run-histogram.ts'
import type { RunSeries, RunSeriesQuery } from './analytics/run-series.ts'
import type { BulkResult, RunSelection } from './bulk-runs.ts'
import { cancelRun, type CancelOptions } from './cancel-run.ts'
import { EngineListeners } from './engine-listeners.ts'
import type { RunExplanation } from './explain-run.ts'
import { checkVersions, type CheckVersionsQuery, type VersionReport } from './flow-versions.ts'
import { appendLog, type LogInputs } from './log-input.ts'
import { pauseRun, resumeRun } from './pause-run.ts'
import type { PendingApproval } from './pending-approvals.ts'
import { questions, type Questions } from './questions.ts'
import type { ReplayReport, VerifyReplayOptions } from './replay-run.ts'
import type { RetryRunOptions } from './retry-run.ts'
import { RunHandle } from './run-handle.ts'
import type { JournalEntryView, RunSignalsView, TimelineEntryView } from './run-history-views.ts'
import type { LogsQuery, RunsQuery } from './run-queries.ts'
import type { RunStatsQuery, RunStatsView } from './run-statistics.ts'
import type { RunsFilter } from './runs-query.ts'
import { answerApproval, sendSignal, type ApprovalAnswer, type SentSignal, type SignalOptions } from './send-signal.ts'
import type { LogView, Page, RunDetailView, RunPage, RunView, TaskView } from './views.ts'
import { waitForRun, type WaitForRunOptions } from './wait-for-run.ts'

/** What an engine tells of its runs, and what can be asked of them. */
export abstract class EngineRuns extends EngineListeners {
  /** Makes the engine ready. */
  abstract start(): Promise<void>

  /** @throws {PerfectError} CURSOR_INVALID, REQUEST_INVALID */
  async getRuns(query: RunsQuery = {}): Promise<RunPage> {
    await this.start()
    return this.parts.queries.list(query)
  }

  /** @throws {PerfectError} RUN_NOT_FOUND */
  async getRun(id: string): Promise<RunView> {
    await this.start()
    return this.parts.active.viewFully(await this.parts.queries.record(id))
  }

  /** A run with its tasks, input and result, and what can be done with it. @throws {PerfectError} RUN_NOT_FOUND */
  async getRunDetail(id: string): Promise<RunDetailView> {
    const { runActions } = await this.#ask()
    return this.parts.queries.detail(id, (run, facts) => runActions(this.parts, run, facts))
  }

  /** The tasks of a run, as in its detail. @throws {PerfectError} RUN_NOT_FOUND */
  async getRunTasks(id: string): Promise<readonly TaskView[]> {
    await this.start()
    return this.parts.queries.tasks(id)
  }

  /** What a run has returned, as JSON; null when it has not. @throws {PerfectError} RUN_NOT_FOUND */
  async getRunResult(id: string): Promise<unknown> {
    await this.start()
    return this.parts.queries.result(id)
  }

  /** What the replay of a run is answered with, in the order of first writes. @throws {PerfectError} RUN_NOT_FOUND */
  async getRunJournal(id: string): Promise<readonly JournalEntryView[]> {
    return (await this.#ask()).runJournal(this.parts, id)
  }

  /** When a run did what, by the time of its start. @throws {PerfectError} RUN_NOT_FOUND */
  async getRunTimeline(id: string): Promise<readonly TimelineEntryView[]> {
    return (await this.#ask()).runTimeline(this.parts, id)
  }

  /** Signals that a run waits for, and those that were sent to it. @throws {PerfectError} RUN_NOT_FOUND */
  async getRunSignals(id: string): Promise<RunSignalsView> {
    return (await this.#ask()).runSignals(this.parts, id)
  }

  /** The run once it has ended, or as it is when the time is over. @throws {PerfectError} RUN_NOT_FOUND */
  waitForRun(id: string, options: WaitForRunOptions = {}): Promise<RunView> {
    return waitForRun(this.parts, () => this.getRun(id), options)
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
   * Asks a run to end, and the runs that its flow has started; gives it as it is then. A run that nobody drives is cancelled at once.
   *
   * @throws {PerfectError} RUN_NOT_FOUND, RUN_FINISHED, STORAGE_UNAVAILABLE
   */
  async cancelRun(id: string, options: string | CancelOptions = {}): Promise<RunView> {
    await this.start()
    return cancelRun(this.parts, id, typeof options === 'string' ? { reason: options } : options)
  }

  /**
   * Asks a run to pause: running tasks end and are recorded, nothing new starts. A run that nobody drives pauses at once.
   *
   * @throws {PerfectError} RUN_NOT_FOUND, RUN_FINISHED, STORAGE_UNAVAILABLE
   */
  async pauseRun(id: string): Promise<RunView> {
    await this.start()
    return pauseRun(this.parts, id)
  }

  /**
   * Lets a run go on that was paused, or held because its flow had changed. A sleep keeps its end.
   *
   * @throws {PerfectError} RUN_NOT_FOUND, RUN_FINISHED, RUN_NOT_PAUSED, STORAGE_UNAVAILABLE
   */
  async resumeRun(id: string): Promise<RunView> {
    await this.start()
    return resumeRun(this.parts, id)
  }

  /**
   * Sends a signal to a run, which takes it with `waitFor(name)`. It is kept until the run waits for it; when it waits already and the
   * payload is not what it asks for, nothing is stored.
   *
   * @throws {PerfectError} RUN_NOT_FOUND, RUN_FINISHED, SIGNAL_INVALID, REQUEST_INVALID, VALUE_UNSERIALIZABLE, STORAGE_UNAVAILABLE
   */
  async signalRun(id: string, name: string, payload?: unknown, options: SignalOptions = {}): Promise<SentSignal> {
    await this.start()
    return sendSignal(this.parts, { runId: id, match: null }, { name, payload, options })
  }

  /**
   * Sends a signal to the one that has waited longest for this name with this `match`. It is kept for 30 days until somebody does.
   *
   * @throws {PerfectError} SIGNAL_INVALID, REQUEST_INVALID, VALUE_UNSERIALIZABLE, STORAGE_UNAVAILABLE
   */
  async sendSignal(
    name: string,
    payload: unknown,
    { match, ...options }: SignalOptions & { readonly match: string },
  ): Promise<SentSignal> {
    await this.start()
    return sendSignal(this.parts, { runId: null, match }, { name, payload, options })
  }

  /**
   * Answers an approval that a run waits for, or will wait for. When it has `approvers`, `by` has to be one of them.
   *
   * @throws {PerfectError} RUN_NOT_FOUND, RUN_FINISHED, APPROVER_NOT_ALLOWED, REQUEST_INVALID, STORAGE_UNAVAILABLE
   */
  async approve(id: string, name: string, answer: ApprovalAnswer): Promise<SentSignal> {
    await this.start()
    return answerApproval(this.parts, { runId: id, name }, answer)
  }

  /** Approvals that runs wait for, of the newest 200 runs that wait. */
  async pendingApprovals(): Promise<readonly PendingApproval[]> {
    return (await this.#ask()).pendingApprovals(this.parts)
  }

  /**
   * What can be done with an approval now, by the rule that the answer itself asks. Changes nothing.
   *
   * @param by Who would answer. Default: nobody in particular.
   */
  async approvalActions(approval: PendingApproval, by?: string): Promise<ActionsView<ApprovalAction>> {
    return (await this.#ask()).approvalActions(approval, by)
  }

  /**
   * Tries an ended run again, as a new run that takes over what the old one has done.
   *
   * @throws {PerfectError} RUN_NOT_FOUND, RUN_NOT_FINISHED, TASK_NOT_FOUND, FLOW_NOT_FOUND, CONFIGURATION_INVALID, INPUT_INVALID, IDEMPOTENCY_MISMATCH, REQUEST_INVALID
   */
  async retryRun(id: string, options: RetryRunOptions = {}): Promise<RunHandle> {
    return this.handle(await (await this.#ask()).retryRun(this.parts, id, options))
  }

  /** Forgets an ended run with everything that belongs to it; statistics stay. @throws {PerfectError} RUN_NOT_FOUND, RUN_NOT_FINISHED */
  async removeRun(id: string): Promise<void> {
    await (await this.#ask()).removeRun(this.parts, id)
  }

  /** Chooses runs for {@link cancelRuns}, {@link retryRuns} and {@link removeRuns}: those that fit now, whatever happens to them later. @throws {PerfectError} REQUEST_INVALID */
  async selectRuns(filter: RunsFilter): Promise<RunSelection> {
    return (await this.#ask()).selectRuns(this.parts, filter)
  }

  /** Asks many runs to end. */
  async cancelRuns(selection: Pick<RunSelection, 'runIds'>, reason?: string): Promise<BulkResult> {
    return (await this.#ask()).forEachRun(selection, (id) => this.cancelRun(id, reason))
  }

  /** Tries many ended runs again. */
  async retryRuns(selection: Pick<RunSelection, 'runIds'>, options: RetryRunOptions = {}): Promise<BulkResult> {
    return (await this.#ask()).forEachRun(selection, (id) => this.retryRun(id, options))
  }

  /** Forgets many ended runs. */
  async removeRuns(selection: Pick<RunSelection, 'runIds'>): Promise<BulkResult> {
    return (await this.#ask()).forEachRun(selection, (id) => this.removeRun(id))
  }

  /** How many runs there are by their status, of all flows together; a status without runs is left out. Read from sums, not from runs. */
  async countRuns(): Promise<Partial<Readonly<Record<RunStatus, number>>>> {
    await this.start()
    return this.parts.storage.stats.counts()
  }

  /** Figures about ended runs, by flow and configuration, the oldest first. @throws {PerfectError} REQUEST_INVALID */
  async getRunStats(query: RunStatsQuery = {}): Promise<readonly RunStatsView[]> {
    return (await this.#ask()).runStats(this.parts, query)
  }

  /** Figures of ended runs over time, of one flow or of all together, a point for each hour or day. @throws {PerfectError} REQUEST_INVALID */
  async getRunSeries(query: RunSeriesQuery = {}): Promise<RunSeries> {
    return (await this.#ask()).runSeries(this.parts, query)
  }

  /** When the runs were created that fit a filter: by default those of the last 24 hours, at most 10,000. @throws {PerfectError} REQUEST_INVALID */
  async getRunHistogram(query: RunHistogramQuery = {}): Promise<RunHistogram> {
    return (await this.#ask()).runHistogram(this.parts, query)
  }

  /** Why runs failed: failures of the same kind as one, the one that was seen last first. @throws {PerfectError} CURSOR_INVALID, REQUEST_INVALID */
  async getFailures(query: FailuresQuery = {}): Promise<Page<FailureGroupView>> {
    return (await this.#ask()).failureGroups(this.parts, query)
  }

  /** What was told to others, and what was not, the newest first. @throws {PerfectError} CURSOR_INVALID, REQUEST_INVALID */
  async getAlerts(query: AlertsQuery = {}): Promise<Page<AlertView>> {
    return (await this.#ask()).listAlerts(this.parts, query)
  }

  /** One alert. @throws {PerfectError} ALERT_NOT_FOUND */
  async getAlert(id: string): Promise<AlertView> {
    return (await this.#ask()).getAlert(this.parts, id)
  }

  /** Tells an alert again, now, and for ten attempts more; also one that was delivered or given up. @throws {PerfectError} ALERT_NOT_FOUND */
  async retryAlert(id: string): Promise<AlertView> {
    return (await this.#ask()).retryAlert(this.parts, id)
  }

  /** Why a run is where it is, from recorded facts. @throws {PerfectError} RUN_NOT_FOUND */
  async explainRun(id: string): Promise<RunExplanation> {
    return (await this.#ask()).explainRun(this.parts, id)
  }

  /**
   * Replays an ended run against its own journal, in its own order of results and in others: proof that its flow decides by nothing else.
   * Runs no task and writes nothing.
   *
   * @throws {PerfectError} RUN_NOT_FOUND, RUN_NOT_FINISHED, FLOW_NOT_FOUND, REQUEST_INVALID
   */
  async verifyReplay(id: string, options: VerifyReplayOptions = {}): Promise<ReplayReport> {
    return (await this.#ask()).verifyReplay(this.parts, id, options)
  }

  /** What becomes of the open runs whose flow has changed since they began. Runs no task and writes nothing. */
  async checkVersions(query: CheckVersionsQuery = {}): Promise<VersionReport> {
    await this.start()
    return checkVersions(this.parts, query)
  }

  /** Ids of all flows that are registered or have runs. */
  async getFlowIds(): Promise<readonly string[]> {
    await this.start()
    const { registry, storage } = this.parts
    return [...new Set([...registry.all().map(({ id }) => id), ...(await storage.stats.flowIds())])].toSorted()
  }

  /** Starts, and gives what is asked now and then. */
  async #ask(): Promise<Questions> {
    await this.start()
    return questions()
  }

  /** A handle on a run. */
  protected handle<Out>(run: RunRecord): RunHandle<Out> {
    const { active, outcomes, bus } = this.parts
    return new RunHandle(run.id, active.viewLater(run), {
      outcomes,
      bus,
      getRun: (id) => this.getRun(id),
      cancelRun: (id, reason) => this.cancelRun(id, reason),
      pauseRun: (id) => this.pauseRun(id),
      resumeRun: (id) => this.resumeRun(id),
    })
  }
}
