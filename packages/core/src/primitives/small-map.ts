/**
 * A map of which there are many, most with one entry or none: a run that is held has six. An empty `Map` takes 195 bytes, this one 48,
 * with one entry as well. With more it is a `Map`. Entries keep the order in which they came.
 */
export class SmallMap<V> implements ReadonlyMap<string, V> {
  /** Key of the only entry; null when there is none, or when there are more. */
  #key: string | null = null
  #value: V | undefined = undefined
  #more: Map<string, V> | null = null

  get size(): number {
    return this.#more?.size ?? (this.#key === null ? 0 : 1)
  }

  has(key: string): boolean {
    return this.#more === null ? this.#key === key : this.#more.has(key)
  }

  get(key: string): V | undefined {
    if (this.#more !== null) return this.#more.get(key)
    return this.#key === key ? this.#value : undefined
  }

  set(key: string, value: V): void {
    if (this.#more !== null) this.#more.set(key, value)
    else if (this.#key === null || this.#key === key) {
      this.#key = key
      this.#value = value
    } else {
      this.#more = new Map([
        [this.#key, this.#value as V],
        [key, value],
      ])
      this.#key = null
      this.#value = undefined
    }
  }

  /** Gives whether there was an entry. */
  delete(key: string): boolean {
    if (this.#more !== null) return this.#more.delete(key)
    if (this.#key !== key) return false
    this.clear()
    return true
  }

  clear(): void {
    this.#more = null
    this.#key = null
    this.#value = undefined
  }

  keys(): MapIterator<string> {
    return this.#more?.keys() ?? (this.#key === null ? [] : [this.#key]).values()
  }

  values(): MapIterator<V> {
    return this.#more?.values() ?? (this.#key === null ? [] : [this.#value as V]).values()
  }

  entries(): MapIterator<[string, V]> {
    if (this.#more !== null) return this.#more.entries()
    const all: [string, V][] = this.#key === null ? [] : [[this.#key, this.#value as V]]
    return all.values()
  }

  [Symbol.iterator](): MapIterator<[string, V]> {
    return this.entries()
  }

  forEach(visit: (value: V, key: string, map: ReadonlyMap<string, V>) => void): void {
    for (const [key, value] of this) visit(value, key, this)
  }
}
