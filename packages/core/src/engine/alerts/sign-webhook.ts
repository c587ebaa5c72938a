/* Signatures of webhooks by the specification Standard Webhooks 1.0.0, so that receivers can check them with its libraries. Pure. */
import { nodeCrypto } from '../../primitives/node-crypto.ts'

const PREFIX = 'whsec_'
const MIN_BYTES = 24
const MAX_BYTES = 64

/** The key in a secret, `whsec_` and base64 of 24 to 64 bytes; null when it is none. */
export function keyOf(secret: string): Buffer | null {
  const text = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret
  if (!/^[A-Za-z\d+/]+={0,2}$/.test(text)) return null
  const key = Buffer.from(text, 'base64')
  return key.length >= MIN_BYTES && key.length <= MAX_BYTES ? key : null
}

/**
 * The headers that prove who sends a webhook.
 *
 * @param keys Each signs: a receiver that knows one of them is content, so a secret can be replaced without a gap.
 * @param id The same for every attempt. Without dots.
 * @param at Time of the attempt. Unit: ms since 1970 UTC.
 */
export function signedHeaders(
  keys: readonly Buffer[],
  { id, at, body }: { readonly id: string; readonly at: number; readonly body: string },
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(at / 1000))
  const signatures = keys.map((key) =>
    nodeCrypto().createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64'),
  )
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.map((signature) => `v1,${signature}`).join(' '),
  }
}
