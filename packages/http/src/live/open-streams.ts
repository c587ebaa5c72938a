import type { FlowEngine } from '@perfect/core'

/** An answer that stays open until somebody ends it. */
export interface OpenStream {
  /** What waits for its reader. Unit: bytes. */
  readonly heldBytes: number
  end(): void
}

// By engine, because the router that opens a stream and the server that ends it share nothing else.
const streams = new WeakMap<FlowEngine, Set<OpenStream>>()

/** Notes an answer that stays open; gives a function to call when it has ended. */
export function holdOpen(engine: FlowEngine, stream: OpenStream): () => void {
  const open = streams.get(engine) ?? new Set()
  streams.set(engine, open)
  open.add(stream)
  return () => void open.delete(stream)
}

/** Ends every answer of an engine that is still open. */
export function endOpenStreams(engine: FlowEngine): void {
  for (const stream of streams.get(engine) ?? []) stream.end()
}

/** Number of answers of an engine that are still open. Range: >= 0. */
export function countOpenStreams(engine: FlowEngine): number {
  return streams.get(engine)?.size ?? 0
}

/** What waits for the readers of an engine. Unit: bytes. Range: >= 0. */
export function heldBytes(engine: FlowEngine): number {
  let bytes = 0
  for (const stream of streams.get(engine) ?? []) bytes += stream.heldBytes
  return bytes
}
