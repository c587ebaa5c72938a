/* The time in which a run was busy. Waiting for people is not its time: it says nothing about the next run. Pure. */
import type { TaskRecord } from '../../storage/records.ts'

type Span = readonly [from: number, to: number]
type Spanned = Pick<TaskRecord, 'kind' | 'startedAt' | 'finishedAt'>

const FOR_PEOPLE: ReadonlySet<TaskRecord['kind']> = new Set(['signal', 'approval'])

/** Turns instants of a run into its own time. */
export class ActiveTime {
  readonly #startedAt: number
  readonly #idle: readonly Span[]

  /** @param now The end of what has not ended. */
  constructor(records: Iterable<Spanned>, startedAt: number, now: number) {
    this.#startedAt = startedAt
    this.#idle = idleSpans(records, now)
  }

  /** Unit: ms from the start of the run. Range: >= 0. */
  at(instant: number): number {
    let idle = 0
    for (const [from, to] of this.#idle) idle += Math.max(0, Math.min(to, instant) - from)
    return Math.max(0, instant - this.#startedAt - idle)
  }
}

/** Where a run waited for people and did nothing beside. */
function idleSpans(records: Iterable<Spanned>, now: number): readonly Span[] {
  const waits: Span[] = []
  const work: Span[] = []
  for (const { kind, startedAt, finishedAt } of records)
    (FOR_PEOPLE.has(kind) ? waits : work).push([startedAt, finishedAt ?? now])
  return waits.length === 0 ? [] : without(merged(waits), merged(work))
}

function merged(spans: readonly Span[]): readonly Span[] {
  const result: Span[] = []
  for (const [from, to] of spans.toSorted(([left], [right]) => left - right)) {
    const last = result.at(-1)
    if (last && from <= last[1]) result[result.length - 1] = [last[0], Math.max(last[1], to)]
    else result.push([from, to])
  }
  return result
}

function without(spans: readonly Span[], taken: readonly Span[]): readonly Span[] {
  return spans.flatMap(([start, end]) => {
    const rest: Span[] = []
    let from = start
    for (const [takenFrom, takenTo] of taken) {
      if (takenTo <= from || takenFrom >= end) continue
      if (takenFrom > from) rest.push([from, takenFrom])
      from = Math.max(from, takenTo)
    }
    if (from < end) rest.push([from, end])
    return rest
  })
}
