import { PerfectError } from '../errors/perfect-error.ts'
/*
 * Values as they are stored: JSON text. What JSON has no word for is tagged:
 * { "$type": "date", "value": "2026-11-22T…Z" }. Plain JSON stays plain, so other languages read it without knowing the tags.
 * An object of the user that has a "$type" of its own is wrapped, so that it comes back unchanged.
 */
import { deserializeError, serializeError, type SerializedError } from '../errors/serialized-error.ts'

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

const TAG = '$type'
// Far below where recursion would overflow the stack, far above what a person writes.
const MAX_DEPTH = 500

/**
 * Text for a value: JSON types, `undefined`, `NaN`, `Infinity`, `bigint`, `Date`, `Map`, `Set`, `Uint8Array` and `Error` (with causes).
 * Properties that are `undefined` are left out.
 *
 * @param what What the value is, for the message: `result of task "load"`.
 * @throws {PerfectError} VALUE_UNSERIALIZABLE for a cycle, a function, a symbol, an instance of a class, or more than 500 levels.
 */
export function encodeValue(value: unknown, what: string): string {
  if (isPlainWord(value)) return JSON.stringify(value)
  return JSON.stringify(toJson(value, { what, path: '', open: new Set() }))
}

/** Whether a value is a word of JSON, and no object. */
export function isPlainWord(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0)
  return typeof value === 'string' || typeof value === 'boolean' || value === null
}

/** The value of a text made by {@link encodeValue}, or of any JSON. */
export function decodeValue(text: string): unknown {
  return fromJson(JSON.parse(text) as Json)
}

interface Place {
  readonly what: string
  readonly path: string
  /** The objects that this one is inside of. */
  readonly open: Set<object>
}

function toJson(value: unknown, place: Place): Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : tagged('number', Object.is(value, -0) ? '-0' : String(value))
    case 'bigint':
      return tagged('bigint', String(value))
    case 'undefined':
      return tagged('undefined', null)
    case 'object':
      return value === null ? null : objectToJson(value, place)
    case 'function':
    case 'symbol':
      throw unserializable(place, `a ${typeof value}`)
  }
}

function objectToJson(value: object, place: Place): Json {
  if (place.open.has(value)) throw unserializable(place, 'a reference to an object that contains it (a cycle)')
  if (place.open.size >= MAX_DEPTH) throw unserializable(place, `nested deeper than ${String(MAX_DEPTH)} levels`)
  place.open.add(value)
  try {
    if (Array.isArray(value)) return value.map((item, index) => toJson(item, inside(place, `[${String(index)}]`)))
    return structuredToJson(value, place) ?? plainToJson(value, place)
  } finally {
    place.open.delete(value)
  }
}

function structuredToJson(value: object, place: Place): Json | undefined {
  if (value instanceof Date) return tagged('date', Number.isNaN(value.getTime()) ? null : value.toISOString())
  if (value instanceof Map)
    return tagged(
      'map',
      [...value].map(([key, item], index) => [
        toJson(key, inside(place, `.keys()[${String(index)}]`)),
        toJson(item, inside(place, `.values()[${String(index)}]`)),
      ]),
    )
  if (value instanceof Set)
    return tagged(
      'set',
      [...value].map((item, index) => toJson(item, inside(place, `.values()[${String(index)}]`))),
    )
  if (value instanceof Uint8Array)
    return tagged('bytes', Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64'))
  if (value instanceof Error) return tagged('error', JSON.parse(JSON.stringify(serializeError(value))) as Json)
  return undefined
}

function plainToJson(value: object, place: Place): Json {
  const prototype: unknown = Object.getPrototypeOf(value)
  // Objects of another realm have another Object.prototype, whose own prototype is null too.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null)
    throw unserializable(place, `an instance of ${value.constructor.name || 'a class'}`)
  const result: Record<string, Json> = Object.create(null) as Record<string, Json>
  for (const [key, item] of Object.entries(value))
    if (item !== undefined) result[key] = toJson(item, inside(place, `.${key}`))
  return TAG in result ? tagged('object', result) : result
}

function tagged(type: string, value: Json): Json {
  return { [TAG]: type, value }
}

function inside(place: Place, step: string): Place {
  return { what: place.what, path: place.path + step, open: place.open }
}

function unserializable(place: Place, found: string): PerfectError {
  const where = place.path === '' ? 'It' : `At "${place.path.replace(/^\./, '')}" it`
  return new PerfectError(
    'VALUE_UNSERIALIZABLE',
    `The ${place.what} cannot be stored. ${where} is ${found}. Return plain data: JSON types, Date, Map, Set, bigint, Uint8Array or Error.`,
    { details: { what: place.what, path: place.path, found } },
  )
}

function fromJson(json: Json): unknown {
  if (typeof json !== 'object' || json === null) return json
  if (isArray(json)) return json.map(fromJson)
  const type = json[TAG]
  if (typeof type === 'string' && Object.hasOwn(json, 'value')) {
    const untag = Object.hasOwn(UNTAG, type) ? UNTAG[type] : undefined
    if (untag) return untag(json['value'] ?? null)
  }
  return plainFromJson(json)
}

const UNTAG: Readonly<Record<string, ((value: Json) => unknown) | undefined>> = {
  undefined: () => undefined,
  number: (value) => Number(value),
  bigint: (value) => BigInt(value as string),
  date: (value) => new Date(value === null ? Number.NaN : (value as string)),
  map: (value) =>
    new Map((value as readonly (readonly [Json, Json])[]).map(([key, item]) => [fromJson(key), fromJson(item)])),
  set: (value) => new Set((value as readonly Json[]).map(fromJson)),
  bytes: (value) => new Uint8Array(Buffer.from(value as string, 'base64')),
  error: (value) => deserializeError(value as unknown as SerializedError),
  object: (value) => plainFromJson(value as Readonly<Record<string, Json>>),
}

function plainFromJson(json: Readonly<Record<string, Json>>): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(json))
    // Assignment would call the setter of "__proto__" instead of making a property.
    Object.defineProperty(result, key, { value: fromJson(item), enumerable: true, writable: true, configurable: true })
  return result
}

function isArray(json: Json): json is readonly Json[] {
  return Array.isArray(json)
}
