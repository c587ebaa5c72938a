/*
 * Where task calls of all runs of an engine wait for places of limits. Each limit has a line. Only who is first in all the lines of its
 * limits asks the storage; the others cost nothing. Asked again is when a place came free here, when time has brought one (a rate), or when
 * a look says that one came free in another process: looks read, and read for all lines at once.
 */
import type { TaskLimit } from '../definition/limits.ts'
import type { Clock } from '../primitives/clock.ts'
import type { LimitRoom } from '../storage/storage.ts'
import { Turn, type LineCall } from './line-turn.ts'

// Well under a second for places that come free in other processes, and a read this often is nothing.
const LOOK_MS = 100
// How many limits one look may ask for; with more lines each has its turn less often.
const MAX_LOOKED_AT = 200
// More of one line do not ask at once: each is a change of the same commit.
const MAX_ASKING = 200

interface Line {
  /** In the order in which they came; those that ask are still in it. */
  turns: Turn[]
  /** Calls of it that ask now. */
  asking: number
  /** How many may ask next: as many as may find a place. */
  hope: number
  stopTimer: () => void
}

/** The lines of an engine. */
export class SlotLine {
  readonly #clock: Clock
  readonly #look: (limits: readonly TaskLimit[]) => Promise<readonly LimitRoom[]>
  readonly #lines = new Map<string, Line>()
  #changed = new Set<string>()
  #joined: Turn[] = []
  #isScheduled = false
  #isLooking = false
  #lookFrom = 0

  /** @param look Reads what is left of limits. */
  constructor(clock: Clock, look: (limits: readonly TaskLimit[]) => Promise<readonly LimitRoom[]>) {
    this.#clock = clock
    this.#look = look
  }

  /** A call joins the lines of its limits. */
  join(call: LineCall): Turn {
    const turn: Turn = new Turn(call, {
      left: () => this.#left(turn),
      placeIn: (key) => (this.#lines.get(key)?.turns.indexOf(turn) ?? -1) + 1,
    })
    for (const { key, max } of call.limits) {
      const line = this.#lines.get(key)
      if (line) line.turns.push(turn)
      else this.#lines.set(key, { turns: [turn], asking: 0, hope: max, stopTimer: () => undefined })
      this.#changed.add(key)
    }
    this.#joined.push(turn)
    this.#schedule()
    return turn
  }

  /** A place of each of these limits came free here. */
  freed(limits: readonly TaskLimit[]): void {
    for (const { key } of limits) this.#mayHaveRoom(key, (hope) => hope + 1)
  }

  #mayHaveRoom(key: string, toHope: (hope: number) => number): void {
    const line = this.#lines.get(key)
    if (line === undefined) return
    line.hope = toHope(line.hope)
    this.#changed.add(key)
    this.#schedule()
  }

  // Calls that come in one stretch of code ask together.
  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    queueMicrotask(() => {
      this.#isScheduled = false
      const [keys, joined] = [this.#changed, this.#joined]
      this.#changed = new Set()
      this.#joined = []
      const batch = new Set<Turn>()
      for (const key of keys) this.#choose(key, batch)
      for (const turn of joined) if (!batch.has(turn)) turn.waits()
      if (batch.size > 0) void this.#ask([...batch])
    })
  }

  /** Adds those of a line that ask now. */
  #choose(key: string, batch: Set<Turn>): void {
    const line = this.#lines.get(key)
    if (line === undefined || line.asking > 0) return
    for (const turn of line.turns.slice(0, Math.min(line.hope, MAX_ASKING))) {
      if (batch.has(turn)) continue
      if (!this.#isFirst(turn, batch)) return
      batch.add(turn)
      turn.asks()
    }
  }

  /** Whether all who are before it in any of its lines ask with it, and for the same: one that needs less could pass them. */
  #isFirst(turn: Turn, batch: ReadonlySet<Turn>): boolean {
    return turn.limits.every(({ key }) => {
      const line = this.#lines.get(key)
      return line?.asking === 0 && line.turns.find((other) => !batch.has(other) || other.needs !== turn.needs) === turn
    })
  }

  async #ask(batch: readonly Turn[]): Promise<void> {
    const asked = new Map<string, Turn[]>()
    for (const turn of batch) for (const { key } of turn.limits) asked.set(key, [...(asked.get(key) ?? []), turn])
    for (const [key, turns] of asked) {
      const line = this.#lines.get(key)
      if (line === undefined) continue
      line.asking = turns.length
      line.hope = 0
      line.stopTimer()
    }
    await Promise.all(batch.map((turn) => this.#askFor(turn)))
    for (const [key, turns] of asked) {
      const line = this.#lines.get(key)
      if (line === undefined) continue
      line.asking = 0
      // All of them found a place: there may be more.
      if (turns.every((turn) => turn.hasEnded)) line.hope = Math.max(line.hope, 2 * turns.length)
      this.#changed.add(key)
      this.#schedule()
      this.#wakeByTime(key, line)
    }
  }

  async #askFor(turn: Turn): Promise<void> {
    await turn.ask()
    if (turn.hasEnded) this.#remove(turn)
  }

  #remove(turn: Turn): void {
    for (const { key } of turn.limits) {
      const line = this.#lines.get(key)
      const at = line?.turns.indexOf(turn) ?? -1
      if (line === undefined || at === -1) continue
      line.turns.splice(at, 1)
      if (line.turns.length > 0) continue
      line.stopTimer()
      this.#lines.delete(key)
    }
  }

  // Whoever is first now has not asked yet.
  #left(turn: Turn): void {
    this.#remove(turn)
    for (const { key } of turn.limits) this.#mayHaveRoom(key, (hope) => Math.max(hope, 1))
  }

  #wakeByTime(key: string, line: Line): void {
    const [first] = line.turns
    line.stopTimer()
    if (first === undefined || first.refusedUntil === undefined) return
    if (first.refusedUntil === null) this.#lookLater()
    else
      line.stopTimer = this.#clock.setTimer(Math.max(1, first.refusedUntil - this.#clock.now()), () =>
        this.#mayHaveRoom(key, (hope) => Math.max(hope, 1)),
      )
  }

  #lookLater(): void {
    if (this.#isLooking) return
    this.#isLooking = true
    this.#clock.setTimer(LOOK_MS, () => void this.#lookForRoom())
  }

  async #lookForRoom(): Promise<void> {
    const waiting = [...this.#lines.values()].flatMap(({ turns: [first] }) =>
      first?.refusedUntil === null && this.#isFirst(first, new Set()) ? [first] : [],
    )
    const all = [...new Set(waiting)]
    this.#lookFrom = this.#lookFrom < all.length ? this.#lookFrom : 0
    const turns = all.slice(this.#lookFrom, this.#lookFrom + MAX_LOOKED_AT)
    this.#lookFrom += turns.length
    try {
      const limits = turns.flatMap((turn) => turn.limits)
      const rooms = limits.length === 0 ? [] : await this.#look(limits)
      const free = new Map(limits.map(({ key }, index) => [key, rooms[index]?.free ?? 0]))
      for (const turn of turns) {
        const places = Math.min(...turn.limits.map(({ key }) => free.get(key) ?? 0))
        if (places > 0) for (const { key } of turn.limits) this.#mayHaveRoom(key, (hope) => Math.max(hope, places))
      }
    } catch {
      // A storage that is away has no place for anybody; it is asked again.
    }
    this.#isLooking = false
    if (all.length > 0) this.#lookLater()
  }
}
