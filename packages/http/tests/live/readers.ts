/* Readers of the live stream, one for each carrier, that look the same to a test. */
import { WebSocket } from 'ws'

/** A message as the test sees it, whatever carried it. */
export interface Message {
  readonly id: string
  readonly type: string
  readonly data: Record<string, unknown>
}

/** What a test reads, and what it holds against the other carrier. */
export interface LiveReader {
  /** The next message, signs of life left out; undefined at the end of the stream. */
  next(): Promise<Message | undefined>
  /** The id that came with the next sign of life. */
  nextAlive(): Promise<string>
  close(): void
}

/** What a reader asks for. */
export interface LiveRequest {
  readonly topics?: string
  readonly lastEventId?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A carrier of the live stream. `url` is that of the API. */
export type OpenReader = (url: string, request?: LiveRequest) => Promise<LiveReader>

/** Messages that came, for those who wait for them. */
class Inbox {
  readonly #messages: Message[] = []
  readonly #alive: string[] = []
  #isEnded = false
  #wake: () => void = () => undefined

  add(message: Message): void {
    if (message.type === 'alive') this.#alive.push(message.id)
    else this.#messages.push(message)
    this.#wake()
  }

  end(): void {
    this.#isEnded = true
    this.#wake()
  }

  async next(): Promise<Message | undefined> {
    while (this.#messages.length === 0 && !this.#isEnded) await this.#more()
    return this.#messages.shift()
  }

  async nextAlive(): Promise<string> {
    while (this.#alive.length === 0) await this.#more()
    return this.#alive.shift() ?? ''
  }

  async #more(): Promise<void> {
    await new Promise<void>((resolve) => (this.#wake = resolve))
  }
}

function queryOf({ topics, lastEventId }: LiveRequest): string {
  return new URLSearchParams({
    ...(topics !== undefined && { topics }),
    ...(lastEventId !== undefined && { lastEventId }),
  }).toString()
}

/** Follows server-sent events. */
export const openSse: OpenReader = async (url, request = {}) => {
  const abort = new AbortController()
  const response = await fetch(`${url}/engine/events?${queryOf(request)}`, {
    headers: request.headers ?? {},
    signal: abort.signal,
  })
  if (response.status !== 200 || !response.body) throw new Error(await response.text())
  const inbox = new Inbox()
  void readBlocks(response.body, inbox)
    .catch(() => undefined)
    .finally(() => inbox.end())
  return { next: () => inbox.next(), nextAlive: () => inbox.nextAlive(), close: () => abort.abort() }
}

async function readBlocks(body: ReadableStream<Uint8Array>, inbox: Inbox): Promise<void> {
  let text = ''
  for await (const part of body.pipeThrough(new TextDecoderStream())) {
    const blocks = (text + part).split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      const field = (name: string): string | undefined => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1]
      const id = field('id') ?? ''
      if (field('') === 'alive') inbox.add({ type: 'alive', id, data: {} })
      else inbox.add({ type: field('event') ?? '', id, data: JSON.parse(field('data') ?? '') as Message['data'] })
    }
  }
}

/** Follows the messages of a WebSocket. */
export const openWebSocket = async (
  url: string,
  request: LiveRequest = {},
): Promise<LiveReader & { readonly socket: WebSocket }> => {
  const inbox = new Inbox()
  const socket = new WebSocket(`${url.replace('http', 'ws')}/engine/ws?${queryOf(request)}`, {
    headers: request.headers ?? {},
  })
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  socket.on('open', () => resolve(undefined))
  socket.on('unexpected-response', (_request, response) => {
    let text = ''
    response.on('data', (chunk: Buffer) => (text += chunk.toString()))
    response.on('end', () => reject(new Error(text)))
  })
  socket.on('message', (data) => inbox.add(JSON.parse((data as Buffer).toString()) as Message))
  socket.on('close', () => inbox.end())
  socket.on('error', reject)
  await promise
  return { socket, next: () => inbox.next(), nextAlive: () => inbox.nextAlive(), close: () => socket.terminate() }
}

/** Messages up to and with the first that fits. */
export async function upTo(reader: LiveReader, fits: (message: Message) => boolean): Promise<Message[]> {
  const messages: Message[] = []
  for (;;) {
    const message = await reader.next()
    if (!message) throw new Error(`The stream ended after ${JSON.stringify(messages.map(({ type }) => type))}.`)
    messages.push(message)
    if (fits(message)) return messages
  }
}
