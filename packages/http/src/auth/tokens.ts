/*
 * Tokens that the host keeps only the hash of. A token is 256 random bits, so one round of SHA-256 is enough: there is nothing to guess, and a
 * slow hash would only let strangers keep the processor busy.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

import { PerfectError } from '@perfect/core'

import { SCOPES, type Authenticator, type Scope } from './authenticator.ts'

/** Who has a token, and what they may do. */
export interface TokenGrant {
  /** Shown as the one who triggered a run. */
  readonly name: string
  readonly scopes: readonly Scope[]
  /** Of the token, as {@link createToken} gives it: 64 hexadecimal digits. */
  readonly hash: string
  /** From when on the token is refused. Default: never. */
  readonly expiresAt?: Date
}

/** A token and what is kept of it. */
export interface NewToken {
  /** To be given to its owner, once: it cannot be read from anywhere later. */
  readonly token: string
  readonly hash: string
}

const PREFIX = 'pft_'
const TOKEN_BYTES = 32
const BEARER = /^bearer +([\w.~+/-]+=*)$/i

/** Makes a token. */
export function createToken(): NewToken {
  const token = PREFIX + randomBytes(TOKEN_BYTES).toString('base64url')
  return { token, hash: sha256(token).toString('hex') }
}

/**
 * Knows callers by their tokens: `Authorization: Bearer pft_...`.
 *
 * @param now Unit: ms since 1970 UTC. Default: the clock of this machine.
 * @throws {PerfectError} REQUEST_INVALID
 * @example
 * ```ts
 * createPerfectRouter(engine, { authenticate: bearerTokens([{ name: 'ci', scopes: ['run'], hash: process.env.CI_TOKEN_HASH ?? '' }]) })
 * ```
 */
export function bearerTokens(grants: readonly TokenGrant[], now: () => number = Date.now): Authenticator {
  const known = grants.map((grant, index) => ({ ...checked(grant, index), bytes: Buffer.from(grant.hash, 'hex') }))
  return (request) => {
    const token = bearerOf(request)
    if (token === null) return null
    const bytes = sha256(token)
    // All of them are looked at: how long it takes tells nothing.
    const found = known.filter((grant) => timingSafeEqual(grant.bytes, bytes))
    const grant = found.find(({ expiresAt }) => expiresAt === undefined || expiresAt.getTime() > now())
    return grant ? { name: grant.name, scopes: grant.scopes } : null
  }
}

/** Asks several ways to know a caller in turn, until one does. */
export function anyOf(...authenticators: readonly Authenticator[]): Authenticator {
  return async (request) => {
    for (const authenticate of authenticators) {
      const principal = await authenticate(request)
      if (principal !== null) return principal
    }
    return null
  }
}

/** The token of a request; null when it has none. */
export function bearerOf(request: Request): string | null {
  return BEARER.exec(request.headers.get('authorization') ?? '')?.[1] ?? null
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function checked(grant: TokenGrant, index: number): TokenGrant {
  const { name, scopes, hash, expiresAt } = grant
  const field = (part: string): string => `tokens[${String(index)}].${part}`
  if (typeof name !== 'string' || name === '') throw invalid(field('name'), name, 'a text that is not empty')
  // Nothing of a hash is told: it may be the token, by mistake.
  if (!/^[\da-f]{64}$/.test(hash))
    throw invalid(field('hash'), '...', 'the 64 hexadecimal digits that createToken() gave')
  if (scopes.length === 0 || !scopes.every((scope) => SCOPES.includes(scope)))
    throw invalid(field('scopes'), scopes.join(', '), `one or more of ${SCOPES.join(', ')}`)
  if (expiresAt !== undefined && Number.isNaN(Number(expiresAt)))
    throw invalid(field('expiresAt'), expiresAt, 'a valid Date')
  return { ...grant, scopes: [...scopes] }
}

function invalid(field: string, value: unknown, expected: string): PerfectError<'REQUEST_INVALID'> {
  return new PerfectError('REQUEST_INVALID', `"${field}" is ${JSON.stringify(String(value))}. Give ${expected}.`, {
    details: { field, value: String(value) },
  })
}
