import { PerfectError } from '../errors/perfect-error.ts'
import { SmallMap } from '../primitives/small-map.ts'

/** A place in the code of a flow; read only when it is shown. */
export type CallSite = () => string | null

interface NameUse {
  count: number
  lastBurst: number
  /** Place of the first call that was made while others were in flight; undefined when there was none. */
  overlapping: CallSite | undefined
  first: CallSite
}

// Longer keys are a sign of whole documents used as keys.
const MAX_ITEM_KEY_CHARS = 500

/**
 * Gives the calls of one scope their keys: the name and a count, or the name and a key of the caller.
 * A count is only safe when the order of the calls cannot change: refuses the rest, at once and not on the replay.
 */
export class KeyCounter {
  readonly #path: string
  readonly #uses = new SmallMap<NameUse>()
  #taken: Set<string> | null = null
  // Calls in flight: all of them, those of one burst, and those of others. Nearly always all are of one.
  #inFlight = 0
  #burst = -1
  #ofBurst = 0
  #ofOthers: Map<number, number> | null = null

  /** @param path Path of the scope: empty, or ending in "/". */
  constructor(path: string) {
    this.#path = path
  }

  /**
   * Key of a call without a key of its own.
   *
   * @param burst Number of the stretch of flow code that makes the call.
   * @throws {PerfectError} TASK_KEY_AMBIGUOUS when the count of this name could be another one on replay.
   */
  counted(name: string, burst: number, site: CallSite): string {
    const isOverlapping = this.#inFlight > this.#inFlightOf(burst)
    const use = this.#uses.get(name)
    if (!use) {
      this.#uses.set(name, { count: 1, lastBurst: burst, overlapping: isOverlapping ? site : undefined, first: site })
      return `${this.#path}${name}#1`
    }
    if (use.lastBurst !== burst && (isOverlapping || use.overlapping)) throw this.#ambiguous(name, use, site)
    use.count++
    use.lastBurst = burst
    return `${this.#path}${name}#${String(use.count)}`
  }

  /**
   * Key of a call that the caller named.
   *
   * @throws {PerfectError} TASK_KEY_DUPLICATE, TASK_DEFINITION_INVALID
   */
  named(name: string, itemKey: string): string {
    const key = `${this.#path}${name}[${escapeItemKey(name, itemKey)}]`
    this.#taken ??= new Set()
    if (this.#taken.has(key))
      throw new PerfectError(
        'TASK_KEY_DUPLICATE',
        `The key "${itemKey}" of "${name}" is used twice in ${this.#shownPath()}. Give each call or item a key of its own.`,
        { details: { name, key: itemKey, scope: this.#path } },
      )
    this.#taken.add(key)
    return key
  }

  /** A call of this scope starts. */
  enter(burst: number): void {
    if (this.#ofBurst === 0 && !this.#ofOthers?.has(burst)) this.#burst = burst
    this.#setInFlight(burst, this.#inFlightOf(burst) + 1)
    this.#inFlight++
  }

  /** A call that started in `burst` was answered. */
  leave(burst: number): void {
    this.#setInFlight(burst, this.#inFlightOf(burst) - 1)
    this.#inFlight--
  }

  #inFlightOf(burst: number): number {
    return burst === this.#burst ? this.#ofBurst : (this.#ofOthers?.get(burst) ?? 0)
  }

  #setInFlight(burst: number, count: number): void {
    if (burst === this.#burst) this.#ofBurst = count
    else if (count === 0) this.#ofOthers?.delete(burst)
    else (this.#ofOthers ??= new Map()).set(burst, count)
  }

  #ambiguous(name: string, use: NameUse, site: CallSite): PerfectError {
    const sites = [(use.overlapping ?? use.first)(), site()].filter((one) => one !== null)
    const where = sites.length === 0 ? '' : ` (${sites.join(' and ')})`
    return new PerfectError(
      'TASK_KEY_AMBIGUOUS',
      `"${name}" is called again in ${this.#shownPath()} while other calls are in flight${where}: after a crash the calls could not be told apart. ` +
        'Run the branches with map(), scope() or all(), or give the task a key.',
      { details: { name, scope: this.#path, sites } },
    )
  }

  #shownPath(): string {
    return this.#path === '' ? 'the flow' : `scope "${this.#path.slice(0, -1)}"`
  }
}

// Brackets and percent signs are escaped, so that different item keys never give the same key and a key can be taken apart again.
function escapeItemKey(name: string, itemKey: string): string {
  if (itemKey.length > MAX_ITEM_KEY_CHARS)
    throw new PerfectError(
      'TASK_DEFINITION_INVALID',
      `A key of "${name}" has ${String(itemKey.length)} characters. Give at most ${String(MAX_ITEM_KEY_CHARS)}, for example a hash.`,
      { details: { field: 'key', name, length: itemKey.length } },
    )
  return itemKey.replaceAll(/[%[\]]/g, encodeURIComponent)
}
