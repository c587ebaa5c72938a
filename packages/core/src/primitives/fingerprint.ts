import { nodeCrypto } from './node-crypto.ts'
import { encodeValue, isPlainWord } from './value.ts'

const HASH_CHARS = 16
// Short enough to be kept with every task, long enough to see what changed.
const MAX_READABLE_CHARS = 200
const SHOWN_CHARS = 150

/** A short name for a text: the same for the same text, another one for any other. */
export function hashText(text: string): string {
  return nodeCrypto().createHash('sha256').update(text).digest('hex').slice(0, HASH_CHARS)
}

/**
 * What tells the arguments of two calls apart: their text while it is short, else its beginning and a hash. null when there are no
 * arguments, or when they cannot be told (functions, instances of classes).
 */
export function fingerprintArgs(args: readonly unknown[]): string | null {
  if (args.length === 0) return null
  let text: string
  try {
    text = args.every(isPlainWord) ? JSON.stringify(args) : encodeValue(args, 'arguments')
  } catch {
    return null
  }
  return text.length <= MAX_READABLE_CHARS ? text : `${text.slice(0, SHOWN_CHARS)}… #${hashText(text)}`
}
