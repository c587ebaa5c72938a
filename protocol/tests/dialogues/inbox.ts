import type { WebSocket } from 'ws'
import type { ZodType } from 'zod'

import type { Message } from './dialogue.ts'

const PATIENCE_MS = 5000
const QUIET_MS = 150

/** What came over a connection and was not looked at yet. */
export class Inbox {
  readonly socket: WebSocket
  readonly #messages: Message[] = []
  readonly #answer: (message: Message) => Message | undefined
  readonly #schema: ZodType
  #wake: () => void = () => undefined
  #wrong: Error | null = null
  readonly #closed: Promise<number>

  /**
   * @param schema Of all that the other side may say.
   * @param answer What is answered at once, without being a part of a dialogue.
   */
  constructor(socket: WebSocket, schema: ZodType, answer: (message: Message) => Message | undefined = () => undefined) {
    this.socket = socket
    this.#schema = schema
    this.#answer = answer
    socket.on('message', (data) => this.#take(JSON.parse((data as Buffer).toString('utf8')) as Message))
    this.#closed = new Promise((resolve) => socket.on('close', resolve))
    // The close that follows tells all there is to know.
    socket.on('error', () => undefined)
  }

  /** Waits for a message that fits; what came before it is forgotten. */
  async next(fits: (message: Message) => boolean, what: unknown): Promise<Message> {
    const seen: Message[] = []
    const deadline = performance.now() + PATIENCE_MS
    while (performance.now() < deadline) {
      const message = this.#messages.shift()
      if (message === undefined) await this.#more(deadline - performance.now())
      else if (fits(message)) return message
      else seen.push(message)
    }
    throw new Error(`${JSON.stringify(what)} did not come. Came: ${JSON.stringify(seen)}`)
  }

  /** Makes sure that nothing comes that fits. */
  async quiet(fits: (message: Message) => boolean): Promise<void> {
    await this.#wait(QUIET_MS)
    const found = this.#messages.find((message) => fits(message))
    if (found) throw new Error(`${JSON.stringify(found)} was not to come.`)
  }

  /** @throws when something came that does not fit the schema. */
  check(): void {
    if (this.#wrong) throw this.#wrong
  }

  async closed(code: number): Promise<void> {
    const found = await this.#closed
    if (found !== code) throw new Error(`The connection was closed with ${String(found)}, not ${String(code)}.`)
  }

  #take(message: Message): void {
    const { error } = this.#schema.safeParse(message)
    if (error) this.#wrong ??= new Error(`${JSON.stringify(message)} does not fit the schema: ${error.message}`)
    const answer = this.#answer(message)
    if (answer) this.socket.send(JSON.stringify(answer))
    else {
      this.#messages.push(message)
      this.#wake()
    }
  }

  #more(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms))
  }
}
