import { randomBytes } from 'node:crypto'

import type { Clock } from './clock.ts'

/** Makes identifiers; a port, so that a simulation can make the same ones again. */
export interface IdSource {
  /** A new identifier such as `run_06F3K9…`: sorts by time of creation, never repeats. */
  next(prefix: string): string
}

// Crockford's base 32: no letters that look alike, safe in URLs and file names.
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const TIME_CHARS = 10
const RANDOM_CHARS = 16

/** Identifiers of 48 bits of time and 80 bits of chance. Source: the ULID specification. */
export function createIdSource(clock: Clock): IdSource {
  return { next: (prefix) => `${prefix}_${timePart(clock.now())}${randomPart()}` }
}

function timePart(now: number): string {
  let rest = now
  let text = ''
  for (let index = 0; index < TIME_CHARS; index++) {
    text = ALPHABET.charAt(rest % 32) + text
    rest = Math.floor(rest / 32)
  }
  return text
}

function randomPart(): string {
  let text = ''
  for (const byte of randomBytes(RANDOM_CHARS)) text += ALPHABET.charAt(byte % 32)
  return text
}
