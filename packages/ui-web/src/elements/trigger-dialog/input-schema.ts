/*
 * Reads the JSON Schema of a flow's input into fields of a form. Only what has an obvious control becomes a field; for any other
 * schema there is no form, and the input is written as JSON. The server validates; nothing here refuses a value.
 */

/** A JSON Schema, or a part of one. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** A value that a choice offers. */
export interface Choice {
  readonly value: unknown
  readonly label: string
}

/** A field of the form. */
export interface InputField {
  /** Property of the input. */
  readonly name: string
  readonly title: string
  readonly description: string | null
  readonly kind: 'text' | 'multiline' | 'number' | 'boolean' | 'choice'
  readonly isRequired: boolean
  readonly initial: unknown
  readonly choices: readonly Choice[]
  /** `type` of the native control of a text. */
  readonly inputType: string
  readonly step: string
  readonly min: number | null
  readonly max: number | null
}

const INPUT_TYPES: Readonly<Record<string, string>> = {
  date: 'date',
  time: 'time',
  email: 'email',
  uri: 'url',
  password: 'password',
}
/** A text that may be longer than this gets several lines. Unit: characters. */
const LONG_TEXT = 200

/** The fields of an input; null when the schema is not a plain object of simple values. */
export function readInputFields(schema: JsonSchema): readonly InputField[] | null {
  const object = resolve(schema, schema)
  const properties = record(object['properties'])
  if (object['type'] !== undefined && object['type'] !== 'object') return null
  if (properties === null || Object.keys(properties).length === 0) return null
  const required = new Set(Array.isArray(object['required']) ? (object['required'] as unknown[]) : [])
  const fields = Object.entries(properties).map(([name, part]) =>
    readField(name, resolve(record(part) ?? {}, schema), required.has(name)),
  )
  return fields.every((field) => field !== null) ? fields : null
}

function readField(name: string, schema: JsonSchema, isRequired: boolean): InputField | null {
  const choices = readChoices(schema)
  const kind = choices.length > 0 ? 'choice' : kindOf(schema)
  if (kind === null) return null
  const format = text(schema['format'])
  return {
    name,
    title: text(schema['title']) ?? titleOf(name),
    description: text(schema['description']),
    kind,
    isRequired,
    initial: schema['default'] ?? (kind === 'boolean' ? false : undefined),
    choices,
    inputType: INPUT_TYPES[format ?? ''] ?? 'text',
    step: schema['type'] === 'integer' ? '1' : 'any',
    min: number(schema['minimum']),
    max: number(schema['maximum']),
  }
}

function kindOf({ type, format, maxLength }: JsonSchema): InputField['kind'] | null {
  if (type === 'boolean') return 'boolean'
  if (type === 'integer' || type === 'number') return 'number'
  if (type !== 'string') return null
  return format === 'textarea' || (number(maxLength) ?? 0) > LONG_TEXT ? 'multiline' : 'text'
}

function readChoices(schema: JsonSchema): readonly Choice[] {
  if (Array.isArray(schema['enum'])) return schema['enum'].map((value: unknown) => ({ value, label: labelOf(value) }))
  const parts = Array.isArray(schema['oneOf']) ? schema['oneOf'].map(record) : []
  if (parts.length === 0 || !parts.every((part) => part !== null && 'const' in part)) return []
  return parts.flatMap((part) =>
    part === null ? [] : { value: part['const'], label: text(part['title']) ?? labelOf(part['const']) },
  )
}

/** Follows local references and takes the null out of "this or null", as other languages write optional values. */
function resolve(schema: JsonSchema, root: JsonSchema, depth = 0): JsonSchema {
  // A reference to itself would go on for ever.
  if (depth > 16) return {}
  const { $ref: reference, anyOf, ...rest } = schema
  if (typeof reference === 'string' && reference.startsWith('#/')) {
    const path = reference
      .slice(2)
      .split('/')
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    const target = path.reduce<JsonSchema | null>((at, part) => record(at?.[part]), root)
    return resolve({ ...target, ...rest }, root, depth + 1)
  }
  if (Array.isArray(anyOf)) {
    const [only, ...more] = anyOf.map(record).filter((part) => part !== null && part['type'] !== 'null')
    return only === undefined || only === null || more.length > 0 ? {} : resolve({ ...only, ...rest }, root, depth + 1)
  }
  if (Array.isArray(schema['type'])) {
    const types = (schema['type'] as unknown[]).filter((type) => type !== 'null')
    return { ...schema, type: types.length === 1 ? types[0] : undefined }
  }
  return schema
}

/** Turns `chunkSize` and `chunk_size` into `Chunk size`. */
export function titleOf(name: string): string {
  const words = name
    .replaceAll(/([a-z\d])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`)
    .replaceAll(/[_-]+/g, ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** The input that the values of a form make; fields that were left empty are left out. */
export function toInput(fields: readonly InputField[], values: ReadonlyMap<string, unknown>): Record<string, unknown> {
  const entries = fields.map(({ name }) => [name, values.get(name)] as const)
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined && value !== ''))
}

/** The values that a form starts with. */
export function initialValues(fields: readonly InputField[]): ReadonlyMap<string, unknown> {
  return new Map(fields.map(({ name, initial }) => [name, initial]))
}

function labelOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function number(value: unknown): number | null {
  return typeof value === 'number' ? value : null
}

function record(value: unknown): JsonSchema | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonSchema) : null
}
