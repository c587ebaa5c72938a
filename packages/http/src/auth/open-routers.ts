import type { FlowEngine } from '@perfect/core'

// Engines with a router that asks nobody who they are. A server checks it before it listens on a network.
const open = new WeakSet<FlowEngine>()
const guarded = new WeakSet<FlowEngine>()

/** Notes how a router of an engine treats its callers. */
export function noteRouter(engine: FlowEngine, asksWhoCalls: boolean): void {
  if (asksWhoCalls) guarded.add(engine)
  else open.add(engine)
}

/** Whether every router of an engine asks who calls; false also when it has none, because nobody knows then. */
export function isGuarded(engine: FlowEngine): boolean {
  return guarded.has(engine) && !open.has(engine)
}
