/** One block of an event stream; `comment` is a line that only keeps the connection alive. */
export type StreamBlock =
  | { readonly kind: 'event'; readonly id: string | null; readonly event: string; readonly data: string }
  | { readonly kind: 'comment' }

/**
 * Reads server-sent events from a response body.
 *
 * Used instead of `EventSource`, which cannot send an `Authorization` header.
 * Source: WHATWG HTML, "Server-sent events", interpretation of an event stream. A block cut off by the end of the body is dropped.
 */
export async function* readEventStream(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamBlock> {
  const reader = body.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader()
  let rest = ''
  let block: string[] = []
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      const lines = (rest + value).split(/\r\n|\n|\r(?!$)/)
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (line !== '') block.push(line)
        else if (block.length > 0) {
          yield parseBlock(block)
          block = []
        }
      }
    }
  } finally {
    reader.releaseLock()
  }
}

function parseBlock(lines: readonly string[]): StreamBlock {
  let id: string | null = null
  let event = 'message'
  const data: string[] = []
  for (const line of lines) {
    const colon = line.indexOf(':')
    const field = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'data') data.push(value)
    else if (field === 'event') event = value
    else if (field === 'id') id = value
  }
  return data.length > 0 || event !== 'message'
    ? { kind: 'event', id, event, data: data.join('\n') }
    : { kind: 'comment' }
}
