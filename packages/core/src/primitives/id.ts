import type { Clock } from './clock.ts'
import { nodeCrypto } from './node-crypto.ts'

/** Makes identifiers; a port, so that a simulation can make the same ones again. */
export interface IdSource {
  /** A new identifier such as `run_06F3K9…`: sorts by time of creation, never repeats. */
  next(prefix: string): string
}

// Crockford's base 32: no letters that look alike, safe in URLs and file names.
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const TIME_CHARS = 10
const RANDOM_CHARS = 16

/**
 * Identifiers of 48 bits of time and 80 bits of chance. Source: the ULID specification.
 *
 * @param random Draws the bits of chance, for identifiers that a test can make again. Range: 0..1. Default: the machine's best.
 */
export function createIdSource(clock: Clock, random?: () => number): IdSource {
  const randomPart = random === undefined ? strongPart : () => drawnPart(random)
  // Joined, since a template keeps its parts alive beside the whole.
  return { next: (prefix) => [prefix, '_', timePart(clock.now()), randomPart()].join('') }
}

/** The first identifier of an instant: what is made later sorts after it, what was made before sorts before it. */
export function firstIdAt(prefix: string, instant: number): string {
  return `${prefix}_${timePart(Math.max(0, Math.floor(instant)))}`
}

// Many identifiers are made within the same millisecond.
let lastTime = NaN
let lastTimePart = ''

function timePart(now: number): string {
  if (now === lastTime) return lastTimePart
  let rest = now
  let text = ''
  for (let index = 0; index < TIME_CHARS; index++) {
    text = ALPHABET.charAt(rest % 32) + text
    rest = Math.floor(rest / 32)
  }
  lastTime = now
  lastTimePart = text
  return text
}

// Chance for many identifiers, as letters: asking for it costs more than using it.
const POOL_BYTES = 256 * RANDOM_CHARS
let pool = Buffer.alloc(0)
let used = 0

function strongPart(): string {
  if (used >= pool.length) {
    pool = nodeCrypto()
      .randomBytes(POOL_BYTES)
      .map((byte) => ALPHABET.charCodeAt(byte % 32)) as Buffer<ArrayBuffer>
    used = 0
  }
  used += RANDOM_CHARS
  return pool.toString('latin1', used - RANDOM_CHARS, used)
}

function drawnPart(random: () => number): string {
  let text = ''
  for (let index = 0; index < RANDOM_CHARS; index++) text += ALPHABET.charAt(Math.floor(random() * 32))
  return text
}
