import type { Connection, WireMessage } from './follow-events.ts'

// A loop that is so far behind reads everything anew instead; a WebSocket cannot be told to wait.
const MAX_WAITING = 10_000

/** Opens the WebSocket. */
export async function* openEventSocket({ url, signal }: Connection): AsyncGenerator<WireMessage> {
  const here = (globalThis as { readonly location?: { readonly href: string } }).location?.href
  const target = new URL(url, here)
  target.protocol = target.protocol === 'https:' || target.protocol === 'wss:' ? 'wss:' : 'ws:'
  const socket = new WebSocket(target)
  const inbox = new Inbox()
  socket.addEventListener('message', ({ data }) => inbox.add(JSON.parse(String(data)) as WireMessage))
  socket.addEventListener('close', () => inbox.end())
  const close = (): void => {
    socket.close()
    inbox.end()
  }
  signal.addEventListener('abort', close)
  if (signal.aborted) close()
  try {
    yield* inbox.messages()
  } finally {
    close()
  }
}

class Inbox {
  #waiting: WireMessage[] = []
  #isEnded = false
  #wake: () => void = () => undefined

  add(message: WireMessage): void {
    if (this.#waiting.length >= MAX_WAITING)
      this.#waiting = [{ type: 'reset', id: message.id, data: { lastId: message.id } }]
    else this.#waiting.push(message)
    this.#wake()
  }

  end(): void {
    this.#isEnded = true
    this.#wake()
  }

  async *messages(): AsyncGenerator<WireMessage> {
    for (;;) {
      const taken = this.#waiting
      this.#waiting = []
      yield* taken
      if (this.#waiting.length > 0) continue
      if (this.#isEnded) return
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }
}
