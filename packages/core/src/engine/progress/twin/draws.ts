/* Draws that are the same in every update of a run: an estimate moves because the run moves, not because of new dice. Pure. */

/** How many times the rest of a run is simulated. */
export const DRAWS = 32

/** A number for a text. Range: 0..2^32-1. Source: FNV-1a. */
export function hash(text: string): number {
  let value = 2_166_136_261
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 16_777_619)
  return value >>> 0
}

/** Source: mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** 32 fixed orders of the 32 strata: each task gets one of them, so that its draws cover its whole range (Latin hypercube). */
const ORDER_LISTS: readonly (readonly number[])[] = Array.from({ length: 32 }, (_, index) => {
  const random = randomOf(index * 7919 + 3)
  const order = Array.from({ length: DRAWS }, (__, stratum) => stratum)
  for (let last = DRAWS - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    const kept = order[last] ?? 0
    order[last] = order[other] ?? 0
    order[other] = kept
  }
  return order
})

// One after the other: this is asked for each call that runs, in each draw.
const ORDERS = Uint8Array.from(ORDER_LISTS.flat())

function stratumOf(number: number, draw: number): number {
  return ORDERS[(number & 31) * DRAWS + (draw % DRAWS)] ?? 0
}

/** The middle of the stratum that something gets in one draw. Range: between 0 and 1. */
export function drawOf(number: number, draw: number): number {
  return (stratumOf(number, draw + (number >>> 5)) + 0.5) / DRAWS
}

/** The order in which something meets eight pseudo-runs. */
export function orderOfEight(number: number): readonly number[] {
  return (ORDER_LISTS[number & 31] ?? []).filter((stratum) => stratum < 8)
}

/** A normal deviate, one of 32 that together have the shape of the normal distribution. */
export function normalOf(seed: number, draw: number): number {
  return NORMALS[stratumOf(seed, draw)] ?? 0
}

/** Source: Abramowitz and Stegun 26.2.23. */
const NORMALS: readonly number[] = Array.from({ length: DRAWS }, (_, index) => {
  const level = (index + 0.5) / DRAWS
  const root = Math.sqrt(-2 * Math.log(Math.min(level, 1 - level)))
  const above = 2.515517 + 0.802853 * root + 0.010328 * root * root
  const below = 1 + 1.432788 * root + 0.189269 * root * root + 0.001308 * root ** 3
  const value = root - above / below
  return level < 0.5 ? -value : value
})
