import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** What a proxy does with requests to upgrade a connection. */
export type UpgradeTreatment =
  | 'pass'
  /** Answers with a status of its own. */
  | { readonly status: number }
  /** Takes the headers out that ask for it, and hands the rest on. */
  | 'strip'
  /** Never answers. */
  | 'swallow'
  | 'reset'
  /** Lets it through, and nothing after it. */
  | 'mute'

const UPGRADE = /^(?:upgrade|connection|sec-websocket-[a-z]+):[^\r\n]*\r\n/gimu

/** A TCP proxy in front of a server that has its own mind about WebSockets. */
export class UpgradeProxy {
  treatment: UpgradeTreatment = 'pass'
  upgrades = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #muted = new WeakSet<Socket>()
  readonly #target: number

  constructor(target: number) {
    this.#target = target
    this.#server = createServer((socket) => this.#join(socket))
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`
  }

  /** Ends all connections. */
  drop(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  async close(): Promise<void> {
    this.drop()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #join(near: Socket): void {
    const far = connect(this.#target, '127.0.0.1')
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        this.#sockets.delete(socket)
        other.destroy()
      })
    }
    far.on('data', (bytes) => near.write(bytes))
    near.on('data', (bytes) => {
      const head = bytes.toString('latin1')
      if (/^upgrade: websocket/imu.test(head)) this.#treat(near, far, head)
      else if (!this.#muted.has(near)) far.write(bytes)
    })
  }

  #treat(near: Socket, far: Socket, head: string): void {
    this.upgrades++
    const { treatment } = this
    if (treatment === 'swallow') return
    if (treatment === 'reset') near.resetAndDestroy()
    else if (typeof treatment === 'object')
      near.end(`HTTP/1.1 ${String(treatment.status)} No\r\ncontent-type: text/html\r\ncontent-length: 2\r\n\r\nno`)
    else {
      if (treatment === 'mute') this.#muted.add(near)
      far.write(treatment === 'strip' ? head.replaceAll(UPGRADE, '') : head, 'latin1')
    }
  }
}
