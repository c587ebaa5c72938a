/*
 * Lists change under the eyes of people who are about to click. While a list is held (the pointer is over it, focus is in it, or
 * it is scrolled), nothing in it moves: rows change in place, what belongs after the last row is added there, and what belongs
 * before is only counted.
 */

/** Order of a list, and how many entries wait for it to be let go. */
export interface StableOrder {
  readonly ids: readonly string[]
  /** Entries that belong further up and are not shown yet. */
  readonly waiting: number
}

/**
 * The order to show.
 *
 * @param shown what is shown now
 * @param wanted what would be shown if nobody were looking
 */
export function arrange(shown: readonly string[], wanted: readonly string[], isHeld: boolean): StableOrder {
  if (!isHeld || shown.length === 0) return { ids: wanted, waiting: 0 }
  const known = new Set(shown)
  const last = wanted.findLastIndex((id) => known.has(id))
  const fresh = wanted.filter((id) => !known.has(id))
  const after = new Set(wanted.slice(last + 1))
  return { ids: [...shown, ...after], waiting: fresh.length - after.size }
}
