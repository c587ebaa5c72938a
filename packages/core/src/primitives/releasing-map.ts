interface Box<V> {
  value: V | null
}

/**
 * A map for entries that come and go by the thousand. When a `Map` grows or shrinks, V8 makes a new table, and the old one keeps a
 * reference to it and to the entries it had. An old table that a minor collection has moved to the old space is garbage, but what it
 * refers to is kept until the next major collection; and so on through all later tables. With entries that are whole runs that was
 * nearly every run: memory of 10 KiB each, copied twice. Here such a table keeps an empty box.
 */
export class ReleasingMap<V> {
  readonly #boxes = new Map<string, Box<V>>()

  get size(): number {
    return this.#boxes.size
  }

  get(key: string): V | undefined {
    return this.#boxes.get(key)?.value ?? undefined
  }

  set(key: string, value: V): void {
    const box = this.#boxes.get(key)
    if (box) box.value = value
    else this.#boxes.set(key, { value })
  }

  /** Gives whether there was an entry. */
  delete(key: string): boolean {
    const box = this.#boxes.get(key)
    if (box) box.value = null
    return this.#boxes.delete(key)
  }

  /** The keys, in the order in which they came. */
  keys(): MapIterator<string> {
    return this.#boxes.keys()
  }

  /** The values, in the order in which they came. */
  *values(): Generator<V, void, undefined> {
    for (const { value } of this.#boxes.values()) if (value !== null) yield value
  }
}
