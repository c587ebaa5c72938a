import type { WebSocket } from 'ws'

// The peer of a closed connection gets this long to say that it has heard.
const CLOSE_TIMEOUT_MS = 5000
const MAX_REASON_BYTES = 123

/** Closes a WebSocket, and cuts it off when its peer does not answer. */
export function closeSocket(
  socket: WebSocket,
  code: number,
  reason: string,
  timeoutMs: number = CLOSE_TIMEOUT_MS,
): void {
  socket.close(code, cut(reason))
  const timer = setTimeout(() => socket.terminate(), timeoutMs)
  timer.unref()
}

/** A reason as a close frame can hold it. */
function cut(reason: string): string {
  let text = reason
  while (Buffer.byteLength(text) > MAX_REASON_BYTES) text = text.slice(0, -1)
  return text
}
