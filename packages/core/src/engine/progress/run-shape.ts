/* What one past run says about the bar of the next one. Pure. */
import { mapOf } from '../../journal/map-path.ts'
import type { TaskRecord } from '../../storage/records.ts'
import type { ActiveTime } from './active-time.ts'

/** The calls of one task in one run. JSON-safe, and short: many are kept. */
export interface TaskShape {
  /** Calls that were made, whatever became of them. */
  readonly calls: number
  /** How often the run came to the task: by itself, or by a whole map. */
  readonly rounds: number
  /** Items of the maps that it was called in; 0 outside of maps. */
  readonly items: number
  /** Weights that the calls declared. */
  readonly weight: number
  /** Median length of the attempts that succeeded at once; null when there was none. Unit: ms. */
  readonly ms: number | null
  /** Whether it is work; the rest is waiting, which takes time and moves no bar. */
  readonly isWork: boolean
  /** First start and last end, from the start of the run and without waiting for people. Unit: ms. */
  readonly from: number
  readonly to: number
}

/** The tasks of one run, by name. */
export interface RunShape {
  readonly tasks: Readonly<Record<string, TaskShape>>
  /** Unit: ms. */
  readonly total: number
  /** Calls that ran at once, at most. Range: >= 1. */
  readonly lanes: number
}

// A flow with more different tasks than this has a bar that nobody can read.
const MAX_NAMES = 64
// Enough for a median; a run may have a hundred thousand calls of one task.
const MAX_SAMPLES = 101
const WORK: ReadonlySet<TaskRecord['kind']> = new Set(['task', 'child'])
// Waiting for people is not the time of the run.
const COUNTED: ReadonlySet<TaskRecord['kind']> = new Set(['task', 'child', 'sleep'])

/** What a run that has ended looked like. */
export function toRunShape(records: readonly TaskRecord[], time: ActiveTime, end: number): Omit<RunShape, 'lanes'> {
  const groups = new Map<string, Group>()
  const itemsOfMaps = new Map<string, Set<string>>()
  for (const record of records) {
    const { kind, position, finishedAt, name } = record
    if (!COUNTED.has(kind) || position === null || finishedAt === null) continue
    const group = groups.get(name) ?? (groups.size < MAX_NAMES ? new Group(WORK.has(kind)) : null)
    if (group === null) continue
    groups.set(name, group)
    group.add(record, { from: time.at(record.startedAt), to: time.at(finishedAt) }, itemsOfMaps)
  }
  const tasks = [...groups].map(([name, group]) => [name, group.shape(itemsOfMaps)] as const)
  return { tasks: Object.fromEntries(tasks), total: time.at(end) }
}

class Group {
  readonly #isWork: boolean
  readonly #rounds = new Set<string>()
  readonly #maps = new Set<string>()
  readonly #samples: number[] = []
  #calls = 0
  #weight = 0
  #from = Infinity
  #to = 0

  constructor(isWork: boolean) {
    this.#isWork = isWork
  }

  add(
    record: TaskRecord,
    { from, to }: { readonly from: number; readonly to: number },
    itemsOfMaps: Map<string, Set<string>>,
  ): void {
    const { key, weight, startedAt, finishedAt, attempt, status, origin } = record
    this.#calls++
    this.#weight += weight
    this.#from = Math.min(this.#from, from)
    this.#to = Math.max(this.#to, to)
    const map = mapOf(key)
    this.#rounds.add(map?.path ?? key)
    if (map) {
      this.#maps.add(map.path)
      const items = itemsOfMaps.get(map.path)
      if (items) items.add(map.item)
      else itemsOfMaps.set(map.path, new Set([map.item]))
    }
    // An attempt after others tells of backoffs and failures, a kept result of nothing.
    const isPlain = status === 'succeeded' && origin === 'run' && attempt === 1 && finishedAt !== null
    if (isPlain && this.#samples.length < MAX_SAMPLES) this.#samples.push(Math.max(0, finishedAt - startedAt))
  }

  shape(itemsOfMaps: ReadonlyMap<string, ReadonlySet<string>>): TaskShape {
    let items = 0
    for (const path of this.#maps) items += itemsOfMaps.get(path)?.size ?? 0
    return {
      calls: this.#calls,
      rounds: this.#rounds.size,
      items,
      weight: this.#weight,
      isWork: this.#isWork,
      ms: this.#samples.length === 0 ? null : median(this.#samples),
      from: this.#from,
      to: this.#to,
    }
  }
}

/** @param values At least one. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right)
  const [low = 0, high = low] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  return (low + high) / 2
}
