import { PerfectError } from '../../errors/perfect-error.ts'

type JsonObject = Readonly<Record<string, unknown>>

const MAX_NAME_CHARS = 1000
const MAX_SHOWN_CHARS = 100

/** Reads the fields of a JSON object that came from outside. What is null counts as left out. */
export class MessageFields {
  readonly #object: JsonObject
  readonly #path: string

  /** @throws {PerfectError} MESSAGE_INVALID when the value is not an object. */
  constructor(value: unknown, path: string) {
    if (!isObject(value)) throw invalidField(path === '' ? 'message' : path, value, 'Give a JSON object.')
    this.#object = value
    this.#path = path
  }

  /** The object itself. */
  get object(): JsonObject {
    return this.#object
  }

  /** Full name of a field, for messages. */
  path(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`
  }

  /** The value of a field as it is; null when it is not there. */
  value(name: string): unknown {
    return Object.hasOwn(this.#object, name) ? (this.#object[name] ?? null) : null
  }

  has(name: string): boolean {
    return this.value(name) !== null
  }

  /** Text that names something: not empty, no NUL. */
  name(name: string): string {
    const value = this.value(name)
    if (typeof value === 'string' && value !== '' && value.length <= MAX_NAME_CHARS && !value.includes('\0'))
      return value
    throw this.invalid(name, `Give text of 1 to ${String(MAX_NAME_CHARS)} characters without NUL.`)
  }

  /** Text for people; NUL, which not every storage takes, is replaced. */
  text(name: string, maxChars: number): string {
    const value = this.value(name)
    if (typeof value === 'string') return value.slice(0, maxChars).replaceAll('\0', '\uFFFD')
    throw this.invalid(name, 'Give text.')
  }

  optionalText(name: string, maxChars: number): string | null {
    return this.has(name) ? this.text(name, maxChars) : null
  }

  /** @param min Range: >= 0. */
  integer(name: string, min: number): number {
    const value = this.value(name)
    if (Number.isSafeInteger(value) && Number(value) >= min) return Number(value)
    throw this.invalid(name, `Give an integer >= ${String(min)}.`)
  }

  number(name: string): number {
    const value = this.value(name)
    if (typeof value === 'number' && Number.isFinite(value)) return value
    throw this.invalid(name, 'Give a number.')
  }

  oneOf<const T extends string>(name: string, values: readonly T[]): T {
    const value = this.value(name)
    const found = values.find((one) => one === value)
    if (found !== undefined) return found
    throw this.invalid(name, `Give one of ${values.join(', ')}.`)
  }

  inside(name: string): MessageFields {
    return new MessageFields(this.value(name), this.path(name))
  }

  /** The items of a list of objects. */
  objects(name: string, max: number): readonly MessageFields[] {
    return this.list(name, max).map((item, index) => new MessageFields(item, `${this.path(name)}[${String(index)}]`))
  }

  list(name: string, max: number): readonly unknown[] {
    const value: unknown = this.value(name)
    if (Array.isArray(value) && value.length <= max) return value as readonly unknown[]
    throw this.invalid(name, `Give a list of at most ${String(max)} items.`)
  }

  /** The error to throw about a field. */
  invalid(name: string, fix: string): PerfectError {
    return invalidField(this.path(name), this.value(name), fix)
  }
}

/** Whether a value is an object and not a list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A MESSAGE_INVALID that names the field, its value and how to put it right. */
export function invalidField(field: string, value: unknown, fix: string): PerfectError<'MESSAGE_INVALID'> {
  const shown = shownValue(value)
  return new PerfectError('MESSAGE_INVALID', `"${field}" is ${shown}. ${fix}`, {
    details: { field, value: shown, fix },
  })
}

function shownValue(value: unknown): string {
  if (value === null || value === undefined) return 'missing'
  if (Array.isArray(value)) return `a list of ${String(value.length)} items`
  if (typeof value === 'string') return JSON.stringify(value.slice(0, MAX_SHOWN_CHARS))
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'an object'
}
