import type { ProcessAdapter } from './process-adapter.ts'

/** Options of {@link childProcessAdapter}. */
export interface ChildProcessOptions {
  /**
   * How long processes that were left behind may take to end by themselves after the one that started them has ended,
   * be it a client or this process.
   *
   * Unit: ms. Range: >= 0. Default: 2,000.
   */
  readonly leftoverGraceMs?: number
  /** Node, for the guard process. Default: the one that runs this process. */
  readonly nodePath?: string
}

/**
 * Starts processes as children of this one.
 *
 * @example
 * ```ts
 * const engine = new FlowEngine({ processAdapter: childProcessAdapter(), clients })
 * ```
 */
export function childProcessAdapter(options: ChildProcessOptions = {}): ProcessAdapter {
  // With the first process: few hosts start any.
  let loading: Promise<Required<ProcessAdapter>> | undefined
  const load = (): Promise<Required<ProcessAdapter>> =>
    (loading ??= import('./child-tree.ts').then(({ childTrees }) => childTrees(options)))
  return {
    start: async (spec, events) => (await load()).start(spec, events),
    endLeftover: async (identity) => (await load()).endLeftover(identity),
  }
}
