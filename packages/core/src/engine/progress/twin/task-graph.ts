import type { GraphNode } from './twin-state.ts'

/** What a run tells of the place of a task. */
export interface SeenNode {
  readonly key: string
  readonly parents: readonly string[]
  readonly lanes: number
  readonly piped: boolean
}

// A task that this many runs in a row did not have is gone.
const FORGOTTEN_AFTER = 5
const PIPED_STEP = 0.3

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

  /** The tasks of the last runs, parents first. */
  order(seq: number): readonly GraphNode[] {
    this.#order ??= sorted(this.nodes.filter(({ seen }) => seq - seen <= FORGOTTEN_AFTER))
    return this.#order
  }

  forgetOrder(): void {
    this.#order = null
  }
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
