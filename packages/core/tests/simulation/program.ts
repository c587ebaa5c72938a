/*
 * Flows made by chance. A program is plain data: `run-program.ts` runs it with the real primitives inside a flow, `expected-outcome.ts`
 * says what must come out of it when nothing ever goes wrong.
 */
import { drawPolicy, type ProgramPolicy } from './policies.ts'
import type { Timeline } from './timeline.ts'

/** How a task call is meant: as usual, at most once, or with something that takes it back. */
export type StepMode = 'plain' | 'once' | 'undoable'

/** A task call. Attempts up to `failures` fail; with `failures` equal to `attempts` the call fails for good. */
export interface StepNode {
  readonly kind: 'step'
  readonly id: string
  readonly attempts: number
  readonly failures: number
  /** How failing attempts fail: by throwing, or by taking longer than the timeout. */
  readonly failsBy: 'throwing' | 'timeout'
  readonly backoffMs: number
  readonly workMs: number
  /** Times that the call is made, one after the other. */
  readonly repeat: number
  readonly mode: StepMode
  /** Calls of it that may run at a time, in all runs; null: any number. */
  readonly places: number | null
}

/** One part of a program. */
export type ProgramNode =
  | StepNode
  | { readonly kind: 'sequence'; readonly nodes: readonly ProgramNode[] }
  | { readonly kind: 'sleep'; readonly id: string; readonly ms: number }
  | { readonly kind: 'scope'; readonly id: string; readonly body: ProgramNode }
  | { readonly kind: 'all'; readonly id: string; readonly branches: readonly ProgramNode[] }
  | {
      readonly kind: 'map'
      readonly id: string
      readonly items: number
      readonly concurrency: number
      readonly isKeyed: boolean
      /** Items that fail after their body has run; null: the map does not collect failures. */
      readonly failing: readonly number[] | null
      readonly body: ProgramNode
    }
  /** The same task several times in one stretch of code. */
  | { readonly kind: 'burst'; readonly id: string; readonly count: number; readonly workMs: number }
  | { readonly kind: 'guarded'; readonly body: ProgramNode }
  /** A task whose value is kept for other calls, also those of other runs. */
  | { readonly kind: 'cached'; readonly id: string; readonly workMs: number }
  /** A task that fails in the first run, and succeeds in one that is made of it. */
  | { readonly kind: 'fragile'; readonly id: string }
  | { readonly kind: 'log'; readonly id: string }
  | { readonly kind: 'signal' | 'approval'; readonly id: string }
  | { readonly kind: 'child'; readonly id: string; readonly program: Program }
  | { readonly kind: 'throw'; readonly id: string }

/** A flow that was made by chance. */
export interface Program {
  readonly name: string
  readonly body: ProgramNode
  readonly policy: ProgramPolicy
}

// Longer than any run may take.
const FOREVER_MS = 100_000_000
// The longest of a program's waits decides how long a simulation may take.
const MAX_SLEEP_MS = 12_000
const MODES = ['plain', 'plain', 'plain', 'once', 'undoable'] as const

/** Makes programs. */
export class ProgramMaker {
  readonly #timeline: Timeline
  #nodes = 0
  #budget = 0
  #mapDepth = 0
  readonly #callable: Program[] = []

  constructor(timeline: Timeline) {
    this.#timeline = timeline
  }

  make(name: string): Program {
    this.#budget = this.#timeline.between(3, 10)
    const nodes = [this.#sequence(2, false)]
    const end = this.#end()
    if (end !== null) nodes.push(end)
    const willTimeOut = end?.kind === 'sleep'
    // With an end like this the first run fails, and the next one does not.
    const attempts = end?.kind === 'fragile' ? 3 : this.#timeline.chance(0.3) ? 2 : 1
    const policy = drawPolicy(this.#timeline, { willTimeOut, attempts })
    const program: Program = { name, body: { kind: 'sequence', nodes }, policy }
    // A flow may call those that were made before it, so that none calls itself in the end.
    if (end === null || end.kind === 'fragile') this.#callable.push(program)
    return program
  }

  /** What the run comes to after its work; null: it succeeds. */
  #end(): ProgramNode | null {
    const draw = this.#timeline.random()
    if (draw < 0.07) return this.#fatal()
    if (draw < 0.14) return this.#throw()
    if (draw < 0.2) return { kind: 'fragile', id: this.#id('fragile') }
    return draw < 0.26 ? { kind: 'sleep', id: this.#id('forever'), ms: FOREVER_MS } : null
  }

  #id(prefix: string): string {
    return `${prefix}${String(++this.#nodes)}`
  }

  /** @param isShared Whether it runs beside others, so that it may not throw: which failure comes first would be chance. */
  #sequence(depth: number, isShared: boolean): ProgramNode {
    const nodes = Array.from({ length: this.#timeline.between(1, 3) }, () => this.#node(depth, isShared))
    return { kind: 'sequence', nodes }
  }

  #node(depth: number, isShared: boolean): ProgramNode {
    this.#budget--
    const draw = this.#timeline.random()
    if (depth === 0 || this.#budget <= 0 || draw < 0.4) return this.#step()
    if (draw < 0.5) return this.#sleep()
    if (draw < 0.6) return { kind: 'scope', id: this.#id('scope'), body: this.#sequence(depth - 1, isShared) }
    if (draw < 0.72) return this.#all(depth - 1)
    if (draw < 0.85) return this.#map(depth - 1)
    if (draw < 0.9)
      return {
        kind: 'burst',
        id: this.#id('burst'),
        count: this.#timeline.between(2, 4),
        workMs: this.#timeline.between(0, 300),
      }
    if (draw < 0.93) return this.#guarded(depth - 1)
    if (draw < 0.97) return this.#other()
    if (draw < 0.985) return { kind: 'cached', id: this.#id('cached'), workMs: this.#timeline.between(0, 800) }
    return { kind: 'log', id: this.#id('log') }
  }

  /** A wait for somebody, or a call of another flow. */
  #other(): ProgramNode {
    const [first, ...others] = this.#callable
    if (first !== undefined && this.#timeline.chance(0.5))
      return { kind: 'child', id: this.#id('child'), program: this.#timeline.pick([first, ...others]) }
    // In a map several items would wait for the same name.
    if (this.#mapDepth > 0) return this.#step()
    const kind = this.#timeline.chance(0.6) ? 'signal' : 'approval'
    return { kind, id: this.#id(kind) }
  }

  #step(): StepNode {
    const mode = this.#timeline.pick(MODES)
    const attempts = mode !== 'once' && this.#timeline.chance(0.3) ? this.#timeline.between(2, 3) : 1
    return {
      kind: 'step',
      id: this.#id('step'),
      attempts,
      failures: attempts > 1 ? this.#timeline.between(0, attempts - 1) : 0,
      failsBy: this.#timeline.chance(0.3) ? 'timeout' : 'throwing',
      backoffMs: this.#timeline.chance(0.2) ? this.#timeline.between(5001, 9000) : this.#timeline.between(0, 1500),
      workMs: this.#timeline.chance(0.3) ? 0 : this.#timeline.between(1, 1200),
      repeat: this.#timeline.chance(0.15) ? 2 : 1,
      mode,
      places: this.#timeline.chance(0.12) ? this.#timeline.between(1, 2) : null,
    }
  }

  #fatal(): StepNode {
    const step = this.#step()
    return { ...step, mode: 'plain', failures: step.attempts }
  }

  #throw(): ProgramNode {
    return { kind: 'throw', id: this.#id('throw') }
  }

  #sleep(): ProgramNode {
    const isLong = this.#timeline.chance(0.4)
    return {
      kind: 'sleep',
      id: this.#id('sleep'),
      ms: isLong ? this.#timeline.between(5001, MAX_SLEEP_MS) : this.#timeline.between(1, 1500),
    }
  }

  #all(depth: number): ProgramNode {
    const branches = Array.from({ length: this.#timeline.between(2, 3) }, () => this.#sequence(depth, true))
    return { kind: 'all', id: this.#id('all'), branches }
  }

  #map(depth: number): ProgramNode {
    const items = this.#timeline.between(0, 4)
    this.#mapDepth++
    const body = this.#sequence(depth, true)
    this.#mapDepth--
    const all = Array.from({ length: items }, (_, item) => item)
    return {
      kind: 'map',
      id: this.#id('map'),
      items,
      failing: this.#timeline.chance(0.3) ? all.filter(() => this.#timeline.chance(0.4)) : null,
      concurrency: this.#timeline.between(1, 3),
      isKeyed: this.#timeline.chance(0.5),
      body,
    }
  }

  #guarded(depth: number): ProgramNode {
    const body: ProgramNode = { kind: 'sequence', nodes: [this.#sequence(depth, false), this.#fatal()] }
    return { kind: 'guarded', body }
  }
}
