/**
 * Chance that can be had again: the same seed gives the same numbers. Source: the generator "mulberry32".
 *
 * @param seed Range: whole numbers of 32 bits.
 * @returns a function that gives a number >= 0 and < 1 with each call
 */
export function seededRandom(seed: number): () => number {
  let state = Math.trunc(seed)
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
