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

  /** Removes an entry of a map. */
  delete<K, V>(map: Map<K, V>, key: K): void {
    if (!map.has(key)) return
    const before = map.get(key) as V
    this.#undo.push(() => map.set(key, before))
    map.delete(key)
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
