/* How far users have looked. What is done with it is loaded with the first call: see `questions.ts`. */
import type { SeenTopic } from '../../storage/seen-records.ts'
import { questions, type QuestionHost } from '../questions.ts'
import type { Seen, SeenQuery } from './seen-types.ts'

/**
 * How far each user has looked at failures and alerts, and how much is new. A user is a name; null is the one user of an engine that asks
 * nobody who they are.
 *
 * @example
 * ```ts
 * const { failures } = await engine.seen.get('ann')
 * console.log(`${failures.count} failed since you last looked`)
 * await engine.seen.mark('ann', 'failures')
 * ```
 */
export class EngineSeen {
  readonly #host: QuestionHost

  constructor(host: QuestionHost) {
    this.#host = host
  }

  /** How much is new to a user. @throws {PerfectError} STORAGE_UNAVAILABLE */
  async get(user: string | null, query: SeenQuery = {}): Promise<Seen> {
    const { parts, start } = this.#host
    await start()
    return (await questions()).readSeen(parts, user, query)
  }

  /**
   * Notes that a user has seen all of a topic up to an instant. It never goes back: the latest mark stays.
   *
   * @param until RFC 3339 text; of one that has not come yet, now is kept. Default: now.
   * @throws {PerfectError} REQUEST_INVALID, STORAGE_UNAVAILABLE
   */
  async mark(user: string | null, topic: SeenTopic, until?: string): Promise<void> {
    const { parts, start } = this.#host
    await start()
    await (await questions()).markSeen(parts, { user, topic, until })
  }
}
