import { PerfectError } from '../errors/perfect-error.ts'
import type { LogLevel } from '../primitives/log-level.ts'
import type { RunRecord, TaskRecord } from '../storage/records.ts'
import type { Storage } from '../storage/storage.ts'
import type { RunActionsView } from './action-views.ts'
import type { ActiveRuns } from './active-runs.ts'
import { checkLimit } from './page-query.ts'
import type { RetryFacts } from './retry-run.ts'
import { pageOfRuns } from './run-pages.ts'
import { toLogView, toTaskViews } from './run-views.ts'
import type { RunsFilter } from './runs-query.ts'
import { withTaskProgress } from './task-progress.ts'
import type { LogView, Page, RunDetailView, RunPage, TaskView } from './views.ts'

/** Which runs to list, newest first. */
export interface RunsQuery extends RunsFilter {
  /** `nextCursor` or `prevCursor` of another page. */
  readonly cursor?: string
  /** A page around this time, without a cursor: half of it created before, half of it then or later. */
  readonly at?: Date | string | number
  /** Range: 1..200. Default: 50. */
  readonly limit?: number
}

/** Which log lines to list, oldest first. */
export interface LogsQuery {
  /** Only lines with a greater number. */
  readonly after?: number
  /** Only the last lines with a smaller number. */
  readonly before?: number
  /** This level and those above. */
  readonly minLevel?: LogLevel
  /** Key of the task that wrote them. */
  readonly task?: string
  /** Only lines that contain this text. */
  readonly text?: string
  /** Range: 1..1,000. Default: 200. */
  readonly limit?: number
}

/** Reads what users want to see of runs. */
export class RunQueries {
  readonly #storage: Storage
  readonly #active: ActiveRuns

  constructor(storage: Storage, active: ActiveRuns) {
    this.#storage = storage
    this.#active = active
  }

  /** @throws {PerfectError} RUN_NOT_FOUND */
  async record(id: string): Promise<RunRecord> {
    const record = await this.#storage.runs.get(id)
    if (record) return (await this.#freshened([record]))[0] ?? record
    const shown = id.slice(0, 100)
    throw new PerfectError(
      'RUN_NOT_FOUND',
      `Run ${JSON.stringify(shown)} does not exist. Look for it with getRuns().`,
      {
        details: { runId: shown },
      },
    )
  }

  async list({ limit: asked = 50, ...query }: RunsQuery): Promise<RunPage> {
    const { records, ...cursors } = await pageOfRuns(this.#storage, { ...query, limit: checkLimit(asked, 200) })
    const items = await this.#freshened(records)
    return { items: items.map((record) => this.#active.view(record)), ...cursors }
  }

  #tasksOf(id: string, records: readonly TaskRecord[]): readonly TaskView[] {
    const journal = this.#active.journal(id)
    return toTaskViews(journal?.records.values() ?? records, journal)
  }

  // Of runs that are held here the journal knows.
  #freshened(records: readonly RunRecord[]): Promise<readonly RunRecord[]> {
    return withTaskProgress(this.#storage, records, ({ id }) => this.#active.journal(id) === undefined)
  }

  /** @param can Tells what can be done with the run. */
  async detail(
    id: string,
    can: (run: RunRecord, facts: RetryFacts) => Promise<RunActionsView>,
  ): Promise<RunDetailView> {
    const record = await this.record(id)
    const [records, input, result, logLines] = await Promise.all([
      this.#storage.tasks.list(id),
      this.#storage.runs.input(id),
      this.#storage.runs.result(id),
      this.#storage.logs.count(id),
    ])
    return {
      run: await this.#active.viewFully(record),
      tasks: this.#tasksOf(id, records),
      input: toJson(input),
      result: toJson(result),
      logLines,
      can: await can(record, { input: () => Promise.resolve(input), records: () => Promise.resolve(records) }),
    }
  }

  async tasks(id: string): Promise<readonly TaskView[]> {
    await this.record(id)
    return this.#tasksOf(id, await this.#storage.tasks.list(id))
  }

  async result(id: string): Promise<unknown> {
    await this.record(id)
    return toJson(await this.#storage.runs.result(id))
  }

  async logs(runId: string, query: LogsQuery): Promise<Page<LogView>> {
    await this.record(runId)
    const limit = checkLimit(query.limit ?? 200, 1000)
    const lines = await this.#storage.logs.list({ ...query, runId, limit: limit + 1 })
    // Reading backwards the surplus line is the oldest, reading forwards the newest.
    const isBackwards = query.before !== undefined
    const kept = lines.length <= limit ? lines : isBackwards ? lines.slice(1) : lines.slice(0, limit)
    const edge = isBackwards ? kept[0] : kept.at(-1)
    return { items: kept.map(toLogView), nextCursor: lines.length > limit && edge ? String(edge.seq) : null }
  }
}

function toJson(text: string | null): unknown {
  return text === null ? null : JSON.parse(text)
}
