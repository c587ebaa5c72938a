import type { DashboardClient, StreamMessage } from '../api/dashboard-client.ts'

/*
 * Keeps one live stream open: reconnects after a loss, continues where it was, and rests while nobody is looking.
 *
 *   connecting --hello--> live --end, error, silence--> lost --delay--> (connecting again, shown as lost)
 *        any --hidden for a while--> paused --visible--> connecting
 */

/** State of the live stream. */
export interface ConnectionView {
  readonly status: 'connecting' | 'live' | 'lost' | 'paused'
  /** Since when it is so, on the browser's clock. Unit: ms since 1970. */
  readonly since: number
  /** When the last message or sign of life arrived, on the browser's clock. Unit: ms since 1970. null before the first. */
  readonly lastSeenAt: number | null
}

/** What the connection tells its owner. */
export interface ConnectionListener {
  /** `isResumed`: the stream goes on after the last event seen; otherwise something may have been missed before it. */
  readonly onMessage: (message: StreamMessage, isResumed: boolean) => void
  readonly onChange: () => void
}

/** First delay after a loss. Unit: ms. Short, because a restarted server is usually back at once. */
const FIRST_DELAY_MS = 250
/** Longest delay. Unit: ms. More would let a page look dead after the server is back. */
const LONGEST_DELAY_MS = 15_000
/** A silent stream counts as lost after this. Unit: ms. The server sends a comment every 15 s; two may get lost. */
const SILENCE_MS = 40_000
/** A hidden page lets go of its connection after this. Unit: ms. Browsers allow six connections for all tabs of an origin. */
const HIDDEN_MS = 30_000

/**
 * Delay before the next attempt to connect.
 *
 * The random half keeps many pages from coming back in the same instant.
 *
 * @param failures attempts that failed in a row. Range: >= 0.
 * @param random Range: 0..1.
 * @returns Unit: ms. Range: 125..15000.
 */
export function reconnectDelay(failures: number, random: number): number {
  const longest = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(failures, 10))
  return Math.round(longest * (0.5 + random / 2))
}

/** One live stream with everything needed to keep it. */
export class LiveConnection {
  readonly #client: DashboardClient
  readonly #listener: ConnectionListener
  #view: ConnectionView = { status: 'connecting', since: Date.now(), lastSeenAt: null }
  #topics: readonly string[] = []
  #lastEventId: string | null = null
  #failures = 0
  #attempt: AbortController | null = null
  #retryTimer: ReturnType<typeof setTimeout> | undefined
  #silenceTimer: ReturnType<typeof setTimeout> | undefined
  #hiddenTimer: ReturnType<typeof setTimeout> | undefined

  constructor(client: DashboardClient, listener: ConnectionListener) {
    this.#client = client
    this.#listener = listener
  }

  get view(): ConnectionView {
    return this.#view
  }

  /** Opens the stream and follows the visibility of the page until `stop()`. */
  start(topics: readonly string[]): void {
    this.#topics = topics
    document.addEventListener('visibilitychange', this.#onVisibility)
    this.#open()
  }

  stop(): void {
    document.removeEventListener('visibilitychange', this.#onVisibility)
    clearTimeout(this.#hiddenTimer)
    this.#close()
  }

  /** Follows other topics from the last event on, so nothing between the two streams is missed. */
  setTopics(topics: readonly string[]): void {
    this.#topics = topics
    if (this.#attempt !== null) this.#open()
  }

  /** Tries again at once instead of waiting for the next attempt. */
  retryNow(): void {
    if (this.#view.status === 'lost') this.#open()
  }

  #open(): void {
    this.#close()
    const attempt = new AbortController()
    this.#attempt = attempt
    this.#expectLife(attempt)
    void this.#read(attempt)
  }

  async #read(attempt: AbortController): Promise<void> {
    try {
      await this.#follow(attempt)
    } catch {
      // Why a stream ended does not matter: it is opened again in any case, and a refused request shows in the panels.
    }
    this.#lose(attempt)
  }

  async #follow(attempt: AbortController): Promise<void> {
    const request = { topics: this.#topics, lastEventId: this.#lastEventId, signal: attempt.signal }
    for await (const message of this.#client.stream(request)) {
      if (attempt !== this.#attempt) return
      this.#receive(message, request.lastEventId !== null)
      this.#expectLife(attempt)
    }
  }

  #receive(message: StreamMessage, isResumed: boolean): void {
    if (message.type === 'hello') {
      this.#failures = 0
      this.#lastEventId ??= message.lastId
      this.#show('live')
    }
    if (message.type === 'reset') this.#lastEventId = null
    if (message.type === 'event' && message.id !== '') this.#lastEventId = message.id
    this.#view = { ...this.#view, lastSeenAt: Date.now() }
    if (message.type !== 'alive') this.#listener.onMessage(message, isResumed)
  }

  #lose(attempt: AbortController): void {
    if (attempt !== this.#attempt) return
    this.#close()
    this.#show('lost')
    this.#retryTimer = setTimeout(
      () => {
        this.#open()
      },
      reconnectDelay(this.#failures++, Math.random()),
    )
    // While the timer runs there is no attempt, but the stream is still wanted.
    this.#attempt = new AbortController()
  }

  #expectLife(attempt: AbortController): void {
    clearTimeout(this.#silenceTimer)
    this.#silenceTimer = setTimeout(() => {
      this.#lose(attempt)
    }, SILENCE_MS)
  }

  #close(): void {
    clearTimeout(this.#retryTimer)
    clearTimeout(this.#silenceTimer)
    this.#attempt?.abort()
    this.#attempt = null
  }

  readonly #onVisibility = (): void => {
    clearTimeout(this.#hiddenTimer)
    if (document.visibilityState === 'visible') {
      if (this.#view.status === 'paused' || this.#view.status === 'lost') this.#open()
      return
    }
    this.#hiddenTimer = setTimeout(() => {
      this.#close()
      this.#show('paused')
    }, HIDDEN_MS)
  }

  #show(status: ConnectionView['status']): void {
    if (this.#view.status === status) return
    this.#view = { ...this.#view, status, since: Date.now() }
    this.#listener.onChange()
  }
}
