import type { WebSocket } from 'ws'

// Proxies end connections that are silent for a minute or less; a peer that is gone is noticed after two of these.
const PING_MS = 15_000

/** Pings WebSockets, and ends those that do not answer. */
export class KeepAlive {
  readonly #open = new Set<WebSocket>()
  readonly #silent = new Set<WebSocket>()
  readonly #timer: NodeJS.Timeout

  constructor() {
    this.#timer = setInterval(() => this.#ping(), PING_MS)
    this.#timer.unref()
  }

  watch(socket: WebSocket): void {
    this.#open.add(socket)
    socket.on('pong', () => this.#silent.delete(socket))
    socket.on('close', () => {
      this.#open.delete(socket)
      this.#silent.delete(socket)
    })
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #ping(): void {
    for (const socket of this.#open) {
      if (this.#silent.has(socket)) socket.terminate()
      else socket.ping()
      this.#silent.add(socket)
    }
  }
}
