/* Values for a JSON schema of the OpenAPI document: most fit it, some break it in one place, some are meant to hurt. */
import fc, { type Arbitrary } from 'fast-check'

import { document } from '../contract.ts'

type Schema = Readonly<Record<string, unknown>>

// What a tired caller or an attacker puts where a text is expected. Long ones are short enough to send twenty thousand of them.
const HOSTILE_TEXTS: readonly string[] = [
  '',
  ' ',
  '\0',
  '\uD800',
  '\u202Eevil',
  '__proto__',
  'constructor',
  'toString',
  '../../etc/passwd',
  "'; DROP TABLE runs; --",
  '<script>alert(1)</script>',
  '${jndi:ldap://x}',
  '%00',
  '%s%n',
  '-1',
  'NaN',
  '1e999',
  '9'.repeat(40),
  'a'.repeat(5000),
  '('.repeat(300),
  '😀'.repeat(100),
  '0000-00-00T00:00:00Z',
  '9999999h',
  '* * 31 2 *',
  '*/0 * * * *',
  'status:',
  '-',
  '"',
  'tag:"',
  'since:24h until:1h -flow:note',
]

// Texts that mean something somewhere: flows, times, spans, filters.
const FITTING_TEXTS: readonly string[] = [
  'note',
  'failing',
  '1h',
  '24h',
  '0 3 * * *',
  '2026-01-01T00:00:00Z',
  '2099-01-01T00:00:00Z',
  '2999-12-31T23:59:59Z',
  'Europe/Berlin',
  'start',
  'failed',
  'fail#1',
  'ship',
  'flow:failing -status:running',
  'perfect.worker.v1',
  'A name',
]

/** A text that is meant to hurt. */
export const hostileText: Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...HOSTILE_TEXTS) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
)

/** Any JSON, with the numbers and keys that break careless code. */
export const hostileValue: Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: hostileText },
  { weight: 2, arbitrary: fc.constantFrom(null, true, [], {}, -0, -1, 0.1, 2 ** 53, -(2 ** 63), 1e308, [[]], [null]) },
  { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom(70, 2000).map(nested) },
)

function nested(depth: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value }
  return value
}

/** A value for a schema: nine of ten parts fit it. */
export function valueOf(schema: Schema): Arbitrary<unknown> {
  return fc.oneof({ weight: 12, arbitrary: fitting(schema) }, { weight: 1, arbitrary: hostileValue })
}

function fitting(schema: Schema): Arbitrary<unknown> {
  const { $ref, anyOf, const: only } = schema
  if (typeof $ref === 'string') return fc.constant(null).chain(() => valueOf(resolve($ref)))
  if ('const' in schema) return fc.constant(only)
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as readonly unknown[]))
  if (Array.isArray(anyOf)) return fc.oneof(...(anyOf as readonly Schema[]).map(valueOf))
  switch (schema['type']) {
    case 'object':
      return objectOf(schema)
    case 'array':
      return fc.array(valueOf((schema['items'] ?? {}) as Schema), { maxLength: 3 })
    case 'string':
      return fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom(...FITTING_TEXTS) },
        { weight: 1, arbitrary: hostileText },
      )
    case 'integer':
      return fc.oneof(fc.integer(rangeOf(schema)), fc.constantFrom(1, 5, 2 ** 53 - 1))
    case 'number':
      return fc.oneof(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.constantFrom(0, 1, 0.5, -1, 60_000, 2 ** 53 - 1, 8.7e15, 1e308),
      )
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    default:
      return hostileValue
  }
}

function objectOf(schema: Schema): Arbitrary<unknown> {
  const fields = (schema['properties'] ?? {}) as Readonly<Record<string, Schema>>
  const required = (schema['required'] ?? []) as readonly string[]
  const parts = Object.fromEntries(Object.entries(fields).map(([key, part]) => [key, valueOf(part)]))
  const known = fc.record(parts, { requiredKeys: required.filter((key) => key in parts) })
  const extra = schema['additionalProperties']
  if (typeof extra !== 'object' || extra === null) return known
  const more = fc.dictionary(hostileText, valueOf(extra as Schema), { maxKeys: 3 })
  return fc.tuple(known, more).map(([one, other]) => ({ ...one, ...other }))
}

function rangeOf({ minimum, maximum }: Schema): { min: number; max: number } {
  const min = Math.max(typeof minimum === 'number' ? minimum : -1000, -(2 ** 31))
  return { min, max: Math.max(min, Math.min(typeof maximum === 'number' ? maximum : min + 1000, min + 1000)) }
}

function resolve(ref: string): Schema {
  const schema = document.components.schemas[ref.slice('#/components/schemas/'.length)]
  if (schema === undefined) throw new Error(`The document has no ${ref}.`)
  return schema
}
