import type { GraphNode } from './twin-state.ts'

/** What a run tells of the place of a task. */
export interface SeenNode {
  readonly key: string
  readonly parents: readonly string[]
  readonly lanes: number
  readonly piped: boolean
}

/** The calls of a task in a run: when the first began and the last ended. */
export interface SeenCalls extends SeenNode {
  readonly start: number
  readonly end: number
  readonly past: { readonly n: number }
}

// What has been seen to begin earlier does not wait, for this many runs.
const DOUBTED_FOR = 20
// A task that this many runs in a row did not have is gone.
const FORGOTTEN_AFTER = 5
const PIPED_STEP = 0.3
const LAG_STEP = 0.2
const JUST_MS = 1e-6

/** The tasks of a flow and what they wait for, as the last runs had them. */
export class TaskGraph {
  readonly #nodes: Map<string, GraphNode>
  #order: readonly GraphNode[] | null = null

  constructor(nodes: readonly GraphNode[] = []) {
    this.#nodes = new Map(nodes.map((node) => [node.key, { ...node }]))
  }

  get nodes(): readonly GraphNode[] {
    return [...this.#nodes.values()]
  }

  has(key: string): boolean {
    return this.#nodes.has(key)
  }

  /** @param seq Number of the run. @param declared It is what the author tells. */
  learn({ key, parents, lanes, piped }: SeenNode, seq: number, declared = false): void {
    const known = this.#nodes.get(key)
    const node: GraphNode = known ?? { key, parents, lanes: 1, piped: 0, seen: 0 }
    this.#nodes.set(key, node)
    if (node.declared && !declared) node.lanes = 1
    node.declared = declared
    node.parents = parents
    node.lanes = Math.max(node.lanes, lanes)
    node.piped += PIPED_STEP * ((piped ? 1 : 0) - node.piped)
    node.seen = seq
    this.#order = null
  }

  /**
   * Learns from a run. Times alone do not tell waiting from chance: what a task came after in one run it waits for until another run shows
   * that it does not.
   *
   * @returns How long after all that it waits for each task began. Unit: ms.
   */
  learnRun(groups: readonly SeenCalls[], seq: number): ReadonlyMap<string, number> {
    const gaps = new Map<string, number>()
    const ran = new Map(groups.map((group) => [group.key, group]))
    for (const group of groups) {
      const known = this.#nodes.get(group.key)
      const doubts = { ...known?.doubts }
      for (const key of [...(known?.parents ?? []), ...group.parents, ...Object.keys(doubts)])
        if (beganBefore(group, ran.get(key))) doubts[key] = seq
      for (const [key, at] of Object.entries(doubts)) if (seq - at >= DOUBTED_FOR) delete doubts[key]
      const kept = (known?.parents ?? []).filter((key) => doubts[key] === undefined)
      const parents = [...new Set([...this.#undoubted(group.parents, doubts), ...kept])]
      this.learn({ ...group, parents }, seq)
      const node = this.#nodes.get(group.key)
      if (node === undefined) continue
      node.doubts = doubts
      const readyAt = Math.max(0, ...parents.map((key) => ran.get(key)?.end ?? 0))
      const lag = Math.max(0, group.start - readyAt)
      node.lag = (node.lag ?? lag) + LAG_STEP * (lag - (node.lag ?? lag))
      gaps.set(group.key, lag)
    }
    return gaps
  }

  /** Parents without those that a task does not wait for; what these wait for is in their place. */
  #undoubted(parents: readonly string[], doubts: Readonly<Record<string, number>>): readonly string[] {
    const passed = new Set<string>()
    const found = new Set<string>()
    const follow = (keys: readonly string[]): void => {
      for (const key of keys) {
        if (passed.has(key)) continue
        passed.add(key)
        if (doubts[key] === undefined) found.add(key)
        else follow(this.#nodes.get(key)?.parents ?? [])
      }
    }
    follow(parents)
    return [...found]
  }

  /** The tasks of the last runs, parents first. */
  order(seq: number): readonly GraphNode[] {
    this.#order ??= sorted(this.nodes.filter(({ seen }) => seq - seen <= FORGOTTEN_AFTER))
    return this.#order
  }

  forgetOrder(): void {
    this.#order = null
  }
}

function beganBefore({ start }: SeenCalls, other: SeenCalls | undefined): boolean {
  return other !== undefined && other.past.n === 1 && start < other.end - JUST_MS
}

function sorted(nodes: readonly GraphNode[]): readonly GraphNode[] {
  const keys = new Set(nodes.map(({ key }) => key))
  const done = new Set<string>()
  const order: GraphNode[] = []
  for (let before = -1; order.length !== before;) {
    before = order.length
    for (const node of nodes) {
      if (done.has(node.key) || !node.parents.every((parent) => done.has(parent) || !keys.has(parent))) continue
      done.add(node.key)
      order.push(node)
    }
  }
  // What waits for itself comes last, in any order.
  return [...order, ...nodes.filter(({ key }) => !done.has(key))]
}
