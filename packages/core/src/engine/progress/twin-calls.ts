/* The calls of a run as forecasts see them: with times since its start, in which waiting for people does not count. Pure. */
import type { LiveTask } from '../../journal/live-tasks.ts'
import { mapOf } from '../../journal/map-path.ts'
import type { TaskRecord } from '../../storage/records.ts'
import type { ActiveTime } from './active-time.ts'
import type { FinishedTask, SeenTask } from './twin/twin-state.ts'

// Waiting for people is not the time of the run.
const COUNTED: ReadonlySet<TaskRecord['kind']> = new Set(['task', 'child', 'sleep'])
// Of more calls than these, some thousand tell as much as all.
const MAX_CALLS = 4000

/** The calls of a run that has ended, each with those whose ends it came after. */
export function finishedCalls(records: readonly TaskRecord[], time: ActiveTime): readonly FinishedTask[] {
  const calls = records.flatMap(({ kind, key, name, position, startedAt, finishedAt, status }) =>
    COUNTED.has(kind) && position !== null && finishedAt !== null
      ? [{ key: name, id: key, start: time.at(startedAt), end: time.at(finishedAt), ok: status === 'succeeded' }]
      : [],
  )
  return inOrder(calls.slice(0, MAX_CALLS))
}

/** Calls with those that each came after, as far as their times and scopes tell. */
export function inOrder(calls: readonly Omit<FinishedTask, 'deps'>[]): readonly FinishedTask[] {
  const order = new CallOrder()
  const moves = calls.flatMap((call) => [
    { at: call.start, isEnd: false, call },
    { at: call.end, isEnd: true, call },
  ])
  const deps = new Map<string, readonly string[]>()
  const begun = new Set<string>()
  // What ends at the instant at which another one starts comes before it, unless it takes no time.
  for (const { isEnd, call } of moves.toSorted((one, other) => one.at - other.at || rank(one) - rank(other)))
    if (isEnd) order.ended(call.id)
    else {
      // In a loop the first call tells what a task follows; later ones follow what comes after it.
      const before = order.before(call.id)
      if (!begun.has(call.key)) deps.set(call.id, before)
      begun.add(call.key)
    }
  return calls.map((call) => ({ ...call, deps: deps.get(call.id) ?? NONE }))
}

/** The calls of a run that is on its way. @param live Tasks that run now, when this engine holds the run. */
export function seenCalls(
  records: readonly TaskRecord[],
  live: ReadonlyMap<string, LiveTask>,
  time: ActiveTime,
): readonly SeenTask[] {
  const seen: SeenTask[] = []
  for (const { kind, key, name, position, startedAt, finishedAt } of records) {
    if (!COUNTED.has(kind) || live.has(key)) continue
    const start = time.at(startedAt)
    if (position !== null && finishedAt !== null)
      seen.push({ key: name, id: key, state: 'done', start, end: time.at(finishedAt) })
    else seen.push({ key: name, id: key, state: 'running', start })
  }
  for (const { kind, key, name, startedAt, reported } of live.values()) {
    if (!COUNTED.has(kind)) continue
    const start = time.at(startedAt)
    seen.push({ key: name, id: key, state: 'running', start, ...(reported !== null && { fraction: reported }) })
  }
  return seen
}

/** How many calls ran at once, at most. Range: >= 1. */
export function mostAtOnce(calls: readonly FinishedTask[]): number {
  const moves = calls.flatMap(({ start, end }) => [
    { at: start, by: 1 },
    { at: Math.max(start, end), by: -1 },
  ])
  let [now, most] = [0, 1]
  for (const { by } of moves.toSorted((one, other) => one.at - other.at || one.by - other.by)) {
    now += by
    most = Math.max(most, now)
  }
  return most
}

/** What could be seen at an instant of a run that has ended. */
export function seenAt(calls: readonly FinishedTask[], now: number): readonly SeenTask[] {
  return calls.flatMap(({ key, id, start, end }): SeenTask[] => {
    if (start > now) return []
    return [end <= now ? { key, id, state: 'done', start, end } : { key, id, state: 'running', start }]
  })
}

function rank({
  at,
  isEnd,
  call,
}: {
  readonly at: number
  readonly isEnd: boolean
  readonly call: { readonly start: number }
}): number {
  return isEnd && call.start < at ? 0 : isEnd ? 2 : 1
}

/**
 * What calls came after: all that had ended in their scope since the call before them, or, for the first ones of a scope, before the scope
 * began. Items of a map all begin with it; how many of them run at once is seen elsewhere.
 */
class CallOrder {
  readonly #scopes = new Map<string, { ended: string[]; before: readonly string[] | null }>()
  readonly #entries = new Map<string, readonly string[]>()

  ended(id: string): void {
    for (let scope: string | null = scopeOf(id); scope !== null; scope = outer(scope)) this.#scope(scope).ended.push(id)
  }

  before(id: string): readonly string[] {
    return this.#inside(scopeOf(id))
  }

  #inside(path: string): readonly string[] {
    const scope = this.#scope(path)
    // What starts next to another one, with nothing ended between them, comes after the same as that one.
    if (scope.ended.length > 0) {
      scope.before = scope.ended
      scope.ended = []
    }
    if (scope.before !== null || path === '') return scope.before ?? NONE
    const entry = withoutItem(path)
    const known = this.#entries.get(entry) ?? this.#inside(outer(path) ?? '')
    this.#entries.set(entry, known)
    return known
  }

  #scope(path: string): { ended: string[]; before: readonly string[] | null } {
    const known = this.#scopes.get(path) ?? { ended: [], before: null }
    this.#scopes.set(path, known)
    return known
  }
}

const NONE: readonly string[] = []

/** `map#1[item]/step#1` is called in `map#1[item]/`; `map#1[item]` is all that is in it. */
function scopeOf(id: string): string {
  return id.endsWith(']') && mapOf(id) !== null ? `${id}/` : id.slice(0, id.lastIndexOf('/') + 1)
}

function outer(scope: string): string | null {
  return scope === '' ? null : scope.slice(0, scope.lastIndexOf('/', scope.length - 2) + 1)
}

function withoutItem(scope: string): string {
  return scope.replace(/\[[^\]]*\]\/$/, '/')
}
