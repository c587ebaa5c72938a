import { PerfectError } from '@perfect/core'
import type { CryptoKey, JWTPayload, JWTVerifyGetKey } from 'jose'

import { SCOPES, type Authenticator, type Scope } from './authenticator.ts'
import { bearerOf } from './tokens.ts'

/** Whose tokens are believed, and what they say. */
export interface JwtOptions {
  /** Who makes the tokens: what their `iss` has to be. */
  readonly issuer: string
  /** Whom they are made for: what their `aud` has to be or to contain. */
  readonly audience: string
  /** Address of the public keys (JWKS), a public key, or the bytes of a shared secret for `HS256`. */
  readonly keys: URL | CryptoKey | Uint8Array
  /** The only algorithms that are taken. Default: `RS256`, `ES256` and `EdDSA`; with a shared secret `HS256`. */
  readonly algorithms?: readonly string[]
  /** What a caller may do. Default: the scopes in `scope` (separated by spaces) or `scp` (a list), also as `perfect:read`. */
  readonly scopesOf?: (claims: JWTPayload) => readonly Scope[]
  /** Default: `sub`. */
  readonly nameOf?: (claims: JWTPayload) => string | undefined
  /** How far the clocks may differ. Unit: s. Range: 0..300. Default: 5. */
  readonly clockToleranceSeconds?: number
}

const PUBLIC_KEY_ALGORITHMS: readonly string[] = ['RS256', 'ES256', 'EdDSA']
const MAX_TOLERANCE_SECONDS = 300
// A longer one is no token of anybody, and costs time to look at.
const MAX_TOKEN_CHARS = 8192
const PREFIX = 'perfect:'

/**
 * Knows callers by JSON Web Tokens of an identity provider: `Authorization: Bearer <jwt>`. A token needs a signature of an algorithm that is
 * taken, the issuer, the audience and an expiry; without a scope of ours its owner may do nothing.
 *
 * @throws {PerfectError} REQUEST_INVALID
 * @example
 * ```ts
 * const authenticate = jwt({
 *   issuer: 'https://id.example.com',
 *   audience: 'perfect',
 *   keys: new URL('https://id.example.com/.well-known/jwks.json'),
 * })
 * ```
 */
export function jwt(options: JwtOptions): Authenticator {
  const { issuer, audience, keys, scopesOf = scopesIn, nameOf = ({ sub }) => sub } = options
  const isSecret = keys instanceof Uint8Array
  const { algorithms = isSecret ? ['HS256'] : PUBLIC_KEY_ALGORITHMS, clockToleranceSeconds: tolerance = 5 } = options
  check('issuer', issuer, typeof issuer === 'string' && issuer !== '', 'the "iss" of its tokens')
  check('audience', audience, typeof audience === 'string' && audience !== '', 'the "aud" of its tokens')
  check('keys', '...', !isSecret || keys.length >= 32, 'a secret of 32 bytes or more')
  // With a public key as the secret of HS256 everybody could make tokens.
  const isFit = (name: string): boolean => name.startsWith('HS') === isSecret && name !== 'none'
  check('algorithms', algorithms, algorithms.length > 0 && algorithms.every(isFit), 'algorithms that fit the key')
  check(
    'clockToleranceSeconds',
    tolerance,
    tolerance >= 0 && tolerance <= MAX_TOLERANCE_SECONDS,
    'a number from 0 to 300',
  )
  const verify = { issuer, audience, algorithms: [...algorithms], clockTolerance: tolerance, requiredClaims: ['exp'] }
  let loading: Promise<(token: string) => Promise<JWTPayload>> | undefined
  return async (request) => {
    const token = bearerOf(request)
    if (token === null || token.length > MAX_TOKEN_CHARS || token.split('.').length !== 3) return null
    loading ??= verifier(keys, verify)
    const claims = await claimsOf(await loading, token)
    const name = claims === null ? undefined : nameOf(claims)
    if (claims === null || name === undefined || name === '') return null
    return { name, scopes: scopesOf(claims).filter((scope) => SCOPES.includes(scope)) }
  }
}

// Loaded with the first token, so that those who have none do not wait for it.
async function verifier(keys: JwtOptions['keys'], options: object): Promise<(token: string) => Promise<JWTPayload>> {
  const { createRemoteJWKSet, jwtVerify } = await import('jose')
  if (!(keys instanceof URL)) return async (token) => (await jwtVerify(token, keys, options)).payload
  const remote: JWTVerifyGetKey = createRemoteJWKSet(keys)
  return async (token) => (await jwtVerify(token, remote, options)).payload
}

// What is wrong with a token is not told: whoever made it up learns nothing. That the keys cannot be read is our trouble, not the caller's.
async function claimsOf(verify: (token: string) => Promise<JWTPayload>, token: string): Promise<JWTPayload | null> {
  const { errors } = await import('jose')
  try {
    return await verify(token)
  } catch (error) {
    if (error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout)) return null
    throw error
  }
}

function scopesIn({ scope, scp }: JWTPayload): readonly Scope[] {
  const words = typeof scope === 'string' ? scope.split(' ') : Array.isArray(scp) ? scp.map(String) : []
  const own = new Set(words.map((word) => (word.startsWith(PREFIX) ? word.slice(PREFIX.length) : word)))
  return SCOPES.filter((name) => own.has(name))
}

function check(field: string, value: unknown, isValid: boolean, expected: string): void {
  if (isValid) return
  throw new PerfectError('REQUEST_INVALID', `"${field}" of jwt() is ${JSON.stringify(value)}. Give ${expected}.`, {
    details: { field, value: String(value) },
  })
}
