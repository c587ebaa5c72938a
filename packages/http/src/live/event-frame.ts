import type { EngineEvent } from '@perfect/core'

import type { AnyEngineEvent } from './topics.ts'

/** A message as it goes over the wire. */
export interface EventFrame {
  readonly text: string
  /** Of two frames with the same key only the newer one matters; null for frames that all matter. */
  readonly key: string | null
}

// All streams send the same events: each is made into text once.
const frames = new WeakMap<EngineEvent, EventFrame>()

/** An event of the engine as a message. */
export function toFrame(event: AnyEngineEvent): EventFrame {
  const known = frames.get(event)
  if (known) return known
  const frame = { text: messageText(event), key: keyOf(event) }
  frames.set(event, frame)
  return frame
}

/** A message. Source: WHATWG HTML, "Server-sent events". JSON text has no line breaks, so one `data` line is enough. */
export function messageText(message: { readonly id: string; readonly type: string; readonly data: unknown }): string {
  return `id: ${message.id}\nevent: ${message.type}\ndata: ${JSON.stringify(message.data)}\n\n`
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
