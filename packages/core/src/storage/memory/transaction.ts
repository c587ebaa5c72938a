/** Items by group and name; a group without items is not kept. */
export type Groups<T> = Map<string, Map<string, T>>

/** Writes to maps and lists that can be taken back together. */
export class Transaction {
  readonly #undo: (() => void)[] = []

  /** Sets an entry of a map. */
  set<K, V>(map: Map<K, V>, key: K, value: V): void {
    const before = map.get(key)
    const isNew = !map.has(key)
    this.#undo.push(() => (isNew ? map.delete(key) : map.set(key, before as V)))
    map.set(key, value)
  }

  /** Removes an entry of a map. Taken back, it is the last entry of the map: nothing may go by the order of such a map. */
  delete<K, V>(map: Map<K, V>, key: K): void {
    if (!map.has(key)) return
    const before = map.get(key) as V
    this.#undo.push(() => map.set(key, before))
    map.delete(key)
  }

  /** Puts an item into a group. */
  group<T>(groups: Groups<T>, key: string, name: string, item: T): void {
    const known = groups.get(key)
    const members = known ?? new Map<string, T>()
    if (known === undefined) this.set(groups, key, members)
    this.set(members, name, item)
  }

  /** Takes an item out of a group. */
  ungroup<T>(groups: Groups<T>, key: string, name: string): void {
    const members = groups.get(key)
    if (members === undefined) return
    this.delete(members, name)
    if (members.size === 0) this.delete(groups, key)
  }

  /** Appends items to a list. */
  append<T>(list: T[], items: readonly T[]): void {
    const length = list.length
    this.#undo.push(() => list.splice(length))
    for (const item of items) list.push(item)
  }

  /** Takes everything back, the last write first. */
  rollback(): void {
    for (const undo of this.#undo.toReversed()) undo()
  }
}
