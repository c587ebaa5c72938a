/* The tasks of a run, a column for each field: of ten thousand tasks it is a fraction of the rows, and no object has to be made to draw them. */
import type { TaskView } from '@perfect/core'

/** A column of words that come again and again. */
export interface WordColumn<T extends string = string> {
  readonly words: readonly T[]
  /** For each task the place of its word. */
  readonly at: readonly number[]
}

/** A column that few tasks have a value in: the values by the place of their task. */
export type SparseColumn<T> = Readonly<Record<string, T>>

/** All tasks of a run, in the order in which they began. Every dense column has `count` values. */
export interface TaskColumns {
  readonly count: number
  /** What times count from: the first start of a task. null without tasks. */
  readonly baseAt: string | null
  readonly key: readonly string[]
  readonly name: WordColumn
  readonly kind: WordColumn<TaskView['kind']>
  readonly origin: WordColumn<TaskView['origin']>
  readonly status: WordColumn<TaskView['status']>
  readonly attempt: readonly number[]
  readonly weight: readonly number[]
  readonly fraction: readonly number[]
  /** Since `baseAt`. Unit: ms. */
  readonly startedAt: readonly number[]
  /** Since the start of the task. Unit: ms. null: it has not ended. */
  readonly tookMs: readonly (number | null)[]
  /** Since `baseAt`. Unit: ms. */
  readonly wakeAt: SparseColumn<number>
  readonly estimatedMs: SparseColumn<number>
  readonly remainingMs: SparseColumn<number>
  readonly childRunId: SparseColumn<string>
  readonly note: SparseColumn<string>
  readonly line: SparseColumn<NonNullable<TaskView['line']>>
  readonly error: SparseColumn<NonNullable<TaskView['error']>>
}

/** Tasks as columns. */
export function toTaskColumns(tasks: readonly TaskView[]): TaskColumns {
  const base = tasks.reduce((first, { startedAt }) => Math.min(first, Date.parse(startedAt)), Infinity)
  const since = (instant: string | null): number | null => (instant === null ? null : Date.parse(instant) - base)
  return {
    count: tasks.length,
    baseAt: tasks.length === 0 ? null : new Date(base).toISOString(),
    key: tasks.map(({ key }) => key),
    name: words(tasks.map(({ name }) => name)),
    kind: words(tasks.map(({ kind }) => kind)),
    origin: words(tasks.map(({ origin }) => origin)),
    status: words(tasks.map(({ status }) => status)),
    attempt: tasks.map(({ attempt }) => attempt),
    weight: tasks.map(({ weight }) => weight),
    fraction: tasks.map(({ fraction }) => fraction),
    startedAt: tasks.map(({ startedAt }) => Date.parse(startedAt) - base),
    tookMs: tasks.map(({ startedAt, finishedAt }) =>
      finishedAt === null ? null : Date.parse(finishedAt) - Date.parse(startedAt),
    ),
    wakeAt: sparse(tasks.map(({ wakeAt }) => since(wakeAt))),
    estimatedMs: sparse(tasks.map(({ estimatedMs }) => estimatedMs)),
    remainingMs: sparse(tasks.map(({ remainingMs }) => remainingMs)),
    childRunId: sparse(tasks.map(({ childRunId }) => childRunId)),
    note: sparse(tasks.map(({ note }) => note)),
    line: sparse(tasks.map(({ line }) => line)),
    error: sparse(tasks.map(({ error }) => error)),
  }
}

/** The tasks that columns stand for, one by one. */
export function fromTaskColumns(columns: TaskColumns): readonly TaskView[] {
  const base = columns.baseAt === null ? 0 : Date.parse(columns.baseAt)
  const instant = (ms: number | null | undefined): string | null =>
    typeof ms === 'number' ? new Date(base + ms).toISOString() : null
  return columns.key.map((key, place) => {
    const startedAt = columns.startedAt[place] ?? 0
    const tookMs = columns.tookMs[place] ?? null
    return {
      key,
      name: wordAt(columns.name, place),
      kind: wordAt(columns.kind, place),
      origin: wordAt(columns.origin, place),
      status: wordAt(columns.status, place),
      attempt: columns.attempt[place] ?? 1,
      weight: columns.weight[place] ?? 1,
      fraction: columns.fraction[place] ?? 0,
      startedAt: new Date(base + startedAt).toISOString(),
      finishedAt: instant(tookMs === null ? null : startedAt + tookMs),
      wakeAt: instant(columns.wakeAt[place]),
      estimatedMs: columns.estimatedMs[place] ?? null,
      remainingMs: columns.remainingMs[place] ?? null,
      childRunId: columns.childRunId[place] ?? null,
      note: columns.note[place] ?? null,
      line: columns.line[place] ?? null,
      error: columns.error[place] ?? null,
    }
  })
}

function words<T extends string>(values: readonly T[]): WordColumn<T> {
  const places = new Map([...new Set(values)].map((word, place) => [word, place]))
  return { words: [...places.keys()], at: values.map((word) => places.get(word) ?? 0) }
}

function wordAt<T extends string>({ words: known, at }: WordColumn<T>, place: number): T {
  const word = known[at[place] ?? -1]
  if (word === undefined) throw new TypeError(`The columns have no word at ${String(place)}: they are not whole.`)
  return word
}

function sparse<T>(values: readonly (T | null)[]): SparseColumn<T> {
  return Object.fromEntries(values.flatMap((value, place) => (value === null ? [] : [[String(place), value]])))
}
