/*
 * A message of the live stream in the form of each carrier. All readers are sent the same bytes, so each form is made once.
 */
import type { EngineEvent } from '@perfect/core'

import type { AnyEngineEvent } from './topics.ts'

/** How messages go over the wire: as server-sent events, or as text frames of a WebSocket. */
export type FrameForm = 'sse' | 'webSocket'

/** What a message says, whatever carries it. */
export interface LiveMessage {
  readonly id: string
  readonly type: string
  readonly data: unknown
}

const TEXT_FRAME = 0x81
const MAX_SHORT = 125
const MAX_MEDIUM = 0xff_ff

/** A message as bytes. */
export class EventFrame {
  /** Of two frames with the same key only the newer one matters; null for frames that all matter. */
  readonly key: string | null
  readonly message: LiveMessage
  readonly #forms: { [F in FrameForm]?: Buffer } = {}

  constructor(message: LiveMessage, key: string | null = null) {
    this.message = message
    this.key = key
  }

  bytes(form: FrameForm): Buffer {
    return (this.#forms[form] ??= form === 'sse' ? sseBytes(this.message) : webSocketBytes(this.message))
  }
}

const frames = new WeakMap<EngineEvent, EventFrame>()

/** An event of the engine as a message. */
export function toFrame(event: AnyEngineEvent): EventFrame {
  const known = frames.get(event)
  if (known) return known
  const frame = new EventFrame(event, keyOf(event))
  frames.set(event, frame)
  return frame
}

/** What tells a reader that the stream lives, and how far it is, while it is sent nothing else. */
export function aliveBytes(form: FrameForm, id: string): Buffer {
  return form === 'sse' ? Buffer.from(`: alive\nid: ${id}\n\n`) : textFrame(JSON.stringify({ type: 'alive', id }))
}

// Source: WHATWG HTML, "Server-sent events". JSON text has no line breaks, so one `data` line is enough.
function sseBytes({ id, type, data }: LiveMessage): Buffer {
  return Buffer.from(`id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`)
}

function webSocketBytes({ id, type, data }: LiveMessage): Buffer {
  return textFrame(JSON.stringify({ type, id, data }))
}

// Source: RFC 6455, section 5.2. A server does not mask, so a frame is the same for every reader.
function textFrame(text: string): Buffer {
  const payload = Buffer.from(text)
  return Buffer.concat([frameHeader(payload.length), payload])
}

function frameHeader(length: number): Buffer {
  if (length <= MAX_SHORT) return Buffer.from([TEXT_FRAME, length])
  const isMedium = length <= MAX_MEDIUM
  const header = Buffer.alloc(isMedium ? 4 : 10)
  header[0] = TEXT_FRAME
  header[1] = isMedium ? 126 : 127
  if (isMedium) header.writeUInt16BE(length, 2)
  else header.writeBigUInt64BE(BigInt(length), 2)
  return header
}

function keyOf(event: AnyEngineEvent): string | null {
  switch (event.type) {
    case 'task.updated':
      return `task ${event.data.runId} ${event.data.task.key}`
    case 'run.updated':
    case 'flow.updated':
    case 'client.updated':
    case 'worker.updated':
    case 'schedule.updated':
      return `${event.type} ${event.data.id}`
    case 'run.triggered':
    case 'run.removed':
    case 'log.appended':
    case 'flow.removed':
    case 'schedule.removed':
    case 'schedule.fired':
    case 'schedule.missed':
    case 'client.log':
      return null
  }
}
