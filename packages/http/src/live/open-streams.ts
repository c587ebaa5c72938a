import type { FlowEngine } from '@perfect/core'

// By engine, because the router that opens a stream and the server that ends it share nothing else.
const streams = new WeakMap<FlowEngine, Set<() => void>>()

/** Notes an answer that stays open until somebody ends it; gives a function to call when it has ended. */
export function holdOpen(engine: FlowEngine, end: () => void): () => void {
  const open = streams.get(engine) ?? new Set()
  streams.set(engine, open)
  open.add(end)
  return () => void open.delete(end)
}

/** Ends every answer of an engine that is still open. */
export function endOpenStreams(engine: FlowEngine): void {
  for (const end of streams.get(engine) ?? []) end()
}

/** Number of answers of an engine that are still open. Range: >= 0. */
export function countOpenStreams(engine: FlowEngine): number {
  return streams.get(engine)?.size ?? 0
}
