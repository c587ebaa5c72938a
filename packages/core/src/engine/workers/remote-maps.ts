import { mapOf } from '../../journal/map-path.ts'
import type { MapItem } from '../../journal/progress.ts'
import type { TaskRecord } from '../../storage/records.ts'
import type { AnnouncedMap } from './messages.ts'

/**
 * The maps of a run as its worker tells of them. Their sizes are in no record: what was recorded of a map waits here until an event tells
 * its size, so that the few items that are known are not taken for all.
 */
export class RemoteMaps {
  readonly #sizes = new Map<string, number>()
  readonly #waiting = new Map<string, TaskRecord[]>()

  /** Keeps a record of a map whose size is not known. Gives false for another one. */
  keep(record: TaskRecord): boolean {
    const path = mapOf(record.key)?.path
    if (path === undefined || this.#sizes.has(path)) return false
    this.#waiting.set(path, [...(this.#waiting.get(path) ?? []), record])
    return true
  }

  /**
   * Takes in what an event tells: the map of its call, or that there is none, so that the maps before it are over.
   *
   * @returns How many calls nobody knew of, and the records that need not wait any longer.
   */
  tell(map: AnnouncedMap | null): { readonly found: number; readonly records: readonly TaskRecord[] } {
    const records = map ? (this.#waiting.get(map.path) ?? []) : [...this.#waiting.values()].flat()
    if (map) this.#waiting.delete(map.path)
    else this.#waiting.clear()
    if (map === null) return { found: 0, records }
    const known = this.#sizes.get(map.path) ?? 0
    this.#sizes.set(map.path, Math.max(known, map.count))
    // What a run has found before it was taken up again is no news.
    return { found: records.length > 0 ? 0 : Math.max(0, map.count - known), records }
  }

  /** The place of a call in its map; null outside of maps. */
  itemOf(key: string, name: string): MapItem | null {
    const path = mapOf(key)?.path
    if (path === undefined) return null
    return { map: { path, name, count: this.#sizes.get(path) ?? 0, weight: null, isOfCalls: true }, path: key }
  }
}
