/*
 * What differs between two OpenAPI documents of this API, and what of it breaks callers: who sends what was right before, and reads what was
 * told before. Callers have to stand what is added: fields and words in answers, and codes of errors.
 */
type Json = Readonly<Record<string, unknown>>

/** What is compared of an OpenAPI document. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Json>> }
}

/** A difference. */
export interface ApiChange {
  readonly where: string
  readonly what: string
  readonly breaks: boolean
}

/** Who writes a value: the caller writes what is sent, the API what is answered. */
type Way = 'sent' | 'answered'

interface Side {
  readonly document: ApiDocument
  readonly value: unknown
}

const LOWER_BOUNDS = ['minimum', 'exclusiveMinimum', 'minItems', 'minLength']
const UPPER_BOUNDS = ['maximum', 'exclusiveMaximum', 'maxItems', 'maxLength']
const EXACT = ['const', 'pattern', 'format', 'propertyNames']

/** Differences, in the order of the newer document, those that are gone last. */
export function apiChanges(before: ApiDocument, after: ApiDocument): readonly ApiChange[] {
  const comparison = new Comparison(before, after)
  comparison.operations()
  return comparison.changes
}

class Comparison {
  readonly changes: ApiChange[] = []
  readonly #before: ApiDocument
  readonly #after: ApiDocument
  // Schemas contain themselves.
  readonly #seen = new Set<string>()

  constructor(before: ApiDocument, after: ApiDocument) {
    this.#before = before
    this.#after = after
  }

  operations(): void {
    const [had, has] = [operationsOf(this.#before), operationsOf(this.#after)]
    for (const [where, after] of has) {
      const before = had.get(where)
      if (before === undefined) this.#add(where, 'is new', false)
      else this.#operation(where, before, after)
    }
    for (const where of had.keys()) if (!has.has(where)) this.#add(where, 'is gone', true)
  }

  #operation(where: string, before: Json, after: Json): void {
    this.#parameters(where, before, after)
    this.#body(where, jsonOf(before['requestBody']), jsonOf(after['requestBody']))
    const [had, has] = [jsonOf(before['responses']), jsonOf(after['responses'])]
    this.#keys(where, had, has, (status) => ({
      name: `answer ${status}`,
      // Another refusal is one more code.
      breaksGone: /^[123]/.test(status),
      breaksNew: /^[123]/.test(status),
    }))
    for (const status of Object.keys(has))
      this.#media(`${where} ${status}`, [jsonOf(had[status]), jsonOf(has[status])], 'answered')
    if (!isSame(before['security'], after['security'])) this.#add(where, 'needs other scopes', true)
  }

  #parameters(where: string, before: Json, after: Json): void {
    const [had, has] = [parametersOf(before), parametersOf(after)]
    this.#keys(where, had, has, (name) => ({
      name: `parameter ${name}`,
      breaksGone: true,
      breaksNew: jsonOf(has[name])['required'] === true,
    }))
    for (const [name, parameter] of Object.entries(has)) {
      const [old, now] = [jsonOf(had[name]), jsonOf(parameter)]
      if (had[name] === undefined) continue
      if (old['required'] !== true && now['required'] === true) this.#add(where, `parameter ${name} is required`, true)
      this.#schema(`${where} ${name}`, old['schema'], now['schema'], 'sent')
    }
  }

  #body(where: string, before: Json, after: Json): void {
    if (before['required'] !== true && after['required'] === true) this.#add(where, 'needs a body', true)
    this.#media(`${where} body`, [before, after], 'sent')
  }

  #media(where: string, [before, after]: readonly [Json, Json], way: Way): void {
    const [had, has] = [jsonOf(before['content']), jsonOf(after['content'])]
    for (const type of Object.keys(had)) if (!(type in has)) this.#add(where, `${type} is gone`, true)
    for (const type of Object.keys(has))
      if (type in had) this.#schema(where, jsonOf(had[type])['schema'], jsonOf(has[type])['schema'], way)
  }

  #schema(where: string, before: unknown, after: unknown, way: Way): void {
    const seen = `${way} ${JSON.stringify([before, after])}`
    const isKnown = JSON.stringify([before, after]).includes('$ref') && this.#seen.has(seen)
    this.#seen.add(seen)
    if (isKnown) return
    const [old, now] = [
      resolved({ document: this.#before, value: before }),
      resolved({ document: this.#after, value: after }),
    ]
    this.#words(where, old, now, way)
    this.#bounds(where, old, now, way)
    for (const keyword of EXACT)
      if (!isSame(old[keyword], now[keyword]))
        this.#add(where, `${keyword} differs`, way === 'sent' || keyword === 'const')
    this.#properties(where, old, now, way)
    for (const keyword of ['items', 'additionalProperties'])
      if (isObject(old[keyword]) && isObject(now[keyword])) this.#schema(`${where}[]`, old[keyword], now[keyword], way)
      else if (!isSame(old[keyword], now[keyword])) this.#add(where, `${keyword} differs`, way === 'sent')
    this.#choices(where, old, now, way)
  }

  #words(where: string, before: Json, after: Json, way: Way): void {
    for (const keyword of ['type', 'enum']) {
      const [had, has] = [listOf(before[keyword]), listOf(after[keyword])]
      const name = (word: unknown): string => `${keyword} ${JSON.stringify(word)}`
      for (const word of had.filter((one) => !has.includes(one)))
        this.#add(where, `${name(word)} is gone`, way === 'sent')
      // A new word may come where callers know all of them, a new type not.
      for (const word of has.filter((one) => !had.includes(one)))
        this.#add(where, `${name(word)} is new`, keyword === 'type' && way === 'answered')
    }
  }

  #bounds(where: string, before: Json, after: Json, way: Way): void {
    const keywords = [
      ...LOWER_BOUNDS.map((name) => [name, 1] as const),
      ...UPPER_BOUNDS.map((name) => [name, -1] as const),
    ]
    for (const [keyword, sign] of keywords) {
      const [had = -Infinity, has = -Infinity] = [before, after].map((one) =>
        keyword in one ? Number(one[keyword]) * sign : -Infinity,
      )
      if (had === has) continue
      this.#add(where, `${keyword} is ${has > had ? 'narrower' : 'wider'}`, way === 'sent' && has > had)
    }
  }

  #properties(where: string, before: Json, after: Json, way: Way): void {
    const [had, has] = [jsonOf(before['properties']), jsonOf(after['properties'])]
    const [needed, needs] = [listOf(before['required']), listOf(after['required'])]
    this.#keys(where, had, has, (name) => ({
      name: `field ${name}`,
      breaksGone: true,
      breaksNew: way === 'sent' && needs.includes(name),
    }))
    for (const name of Object.keys(has)) {
      if (!(name in had)) continue
      if (needed.includes(name) !== needs.includes(name))
        this.#add(
          where,
          `field ${name} is ${needs.includes(name) ? 'required' : 'optional'}`,
          needs.includes(name) === (way === 'sent'),
        )
      this.#schema(`${where}.${name}`, had[name], has[name], way)
    }
  }

  #choices(where: string, before: Json, after: Json, way: Way): void {
    for (const keyword of ['anyOf', 'oneOf', 'allOf']) {
      const [had, has] = [listOf(before[keyword]), listOf(after[keyword])]
      if (had.length !== has.length)
        this.#add(
          where,
          `${keyword} has ${String(has.length)} instead of ${String(had.length)}`,
          has.length < had.length === (way === 'sent'),
        )
      else had.forEach((one, index) => this.#schema(where, one, has[index], way))
    }
  }

  #keys(
    where: string,
    had: Json,
    has: Json,
    say: (key: string) => { readonly name: string; readonly breaksGone: boolean; readonly breaksNew: boolean },
  ): void {
    for (const key of Object.keys(has))
      if (!(key in had)) this.#add(where, `${say(key).name} is new`, say(key).breaksNew)
    for (const key of Object.keys(had))
      if (!(key in has)) this.#add(where, `${say(key).name} is gone`, say(key).breaksGone)
  }

  #add(where: string, what: string, breaks: boolean): void {
    this.changes.push({ where, what, breaks })
  }
}

function operationsOf({ paths }: ApiDocument): ReadonlyMap<string, Json> {
  return new Map(
    Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item).map(
        ([method, operation]) => [`${method.toUpperCase()} ${path}`, jsonOf(operation)] as const,
      ),
    ),
  )
}

function parametersOf(operation: Json): Json {
  return Object.fromEntries(
    listOf(operation['parameters']).map((one) => {
      const parameter = jsonOf(one)
      return [`${String(parameter['in'])} ${String(parameter['name'])}`, parameter]
    }),
  )
}

/** The schema that a reference stands for, with what stands beside it. */
function resolved({ document, value }: Side): Json {
  const { $ref, ...beside } = jsonOf(value)
  if (typeof $ref !== 'string') return beside
  const target = document.components.schemas[$ref.slice($ref.lastIndexOf('/') + 1)]
  return { ...resolved({ document, value: target }), ...beside }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function jsonOf(value: unknown): Json {
  return isObject(value) ? value : {}
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value]
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
