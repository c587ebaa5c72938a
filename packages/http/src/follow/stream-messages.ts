import { problemError } from '../problem-error.ts'
import type { Connection, WireMessage } from './follow-events.ts'

/** Opens the server-sent events; `fetch` can send a token, `EventSource` cannot. */
export async function* openEventStream({ url, token, fetch, signal }: Connection): AsyncGenerator<WireMessage> {
  const response = await fetch(url, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    signal,
  })
  if (!response.ok) throw await problemError.of(response)
  if (!response.body) return
  const reader = response.body.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader()
  let text = ''
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const blocks = (text + part.value).split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) yield toMessage(block)
  }
}

// Source: WHATWG HTML, "Server-sent events"; the server ends lines with LF and puts all data into one.
function toMessage(block: string): WireMessage {
  const fields: Record<string, string> = {}
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) fields[line.slice(0, colon)] = line.slice(colon + 1).trimStart()
  }
  const { id = '', event, data } = fields
  if (event === undefined || data === undefined) return { type: 'alive', id }
  return { type: event, id, data: JSON.parse(data) as unknown } as WireMessage
}
