import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** What happens to the connections of a proxy. */
export interface ProxyFaults {
  /** Longest life of a connection. Unit: ms. */
  readonly lifeMs: number
  /** Share of the connections that end by falling silent; the others are reset. Range: 0..1. */
  readonly holes: number
  /** How long a silent connection stays open. Unit: ms. */
  readonly holeMs: number
}

const MIN_LIFE_MS = 20

/** A TCP proxy that resets connections, or lets them fall silent with both ends open, when it is told to. */
export class FaultyProxy {
  readonly counts = { connections: 0, resets: 0, holes: 0 }
  readonly #server: Server
  readonly #target: number
  readonly #random: () => number
  readonly #links = new Set<Link>()
  #faults: ProxyFaults | null = null

  constructor(target: number, random: () => number) {
    this.#target = target
    this.#random = random
    this.#server = createServer((socket) => this.#join(socket))
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`
  }

  /** Begins to do harm; with null it stops, and what is silent ends. */
  harm(faults: ProxyFaults | null): void {
    this.#faults = faults
    for (const link of this.#links) {
      if (faults !== null) this.#arm(link)
      else if (link.isSilent) link.end()
    }
  }

  async close(): Promise<void> {
    for (const link of this.#links) link.end()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #join(near: Socket): void {
    this.counts.connections++
    const link = new Link(near, connect(this.#target, '127.0.0.1'), () => this.#links.delete(link))
    this.#links.add(link)
    this.#arm(link)
  }

  #arm(link: Link): void {
    if (this.#faults === null) return
    const { lifeMs, holes, holeMs } = this.#faults
    link.after(MIN_LIFE_MS + this.#random() * lifeMs, () => {
      if (this.#faults === null) return
      if (this.#random() < holes) {
        this.counts.holes++
        link.isSilent = true
        link.after(holeMs, () => link.end())
      } else {
        this.counts.resets++
        link.end()
      }
    })
  }
}

/** One connection through the proxy. */
class Link {
  isSilent = false
  readonly #sockets: readonly [Socket, Socket]
  readonly #ended: () => void
  #timer: NodeJS.Timeout | undefined

  constructor(near: Socket, far: Socket, ended: () => void) {
    this.#sockets = [near, far]
    this.#ended = ended
    this.#pass(near, far)
    this.#pass(far, near)
  }

  after(ms: number, act: () => void): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(act, ms)
  }

  end(): void {
    clearTimeout(this.#timer)
    for (const socket of this.#sockets) socket.resetAndDestroy()
    this.#ended()
  }

  #pass(from: Socket, to: Socket): void {
    from.setNoDelay(true)
    from.on('data', (bytes) => {
      if (!this.isSilent) to.write(bytes)
    })
    from.on('error', () => undefined)
    from.on('close', () => {
      if (!this.isSilent) this.end()
    })
  }
}
