/*
 * Checks values by JSON Schema 2020-12, as far as SDKs and people write it for the input of flows. What it does not know it lets pass: the
 * worker checks once more. Source: JSON Schema Validation, draft 2020-12.
 */
import { isDeepStrictEqual } from 'node:util'

import type { SchemaIssue, StandardSchema } from './standard-schema.ts'

type Schema = Readonly<Record<string, unknown>>
type Path = readonly (string | number)[]

interface Place {
  readonly root: Schema
  readonly path: Path
  readonly depth: number
}

// A schema that refers to itself without end is wrong; the worker will say so.
const MAX_DEPTH = 100
const MAX_ISSUES = 20

/** A schema whose `validate` checks by JSON Schema. No input counts as an empty object, since workers call flows with parameters. */
export function checkByJsonSchema(schema: Schema): StandardSchema {
  return {
    '~standard': {
      version: 1,
      vendor: 'json-schema',
      validate: (value) => {
        const issues = issuesOf(schema, value ?? {}, { root: schema, path: [], depth: 0 })
        return issues.length === 0 ? { value } : { issues: issues.slice(0, MAX_ISSUES) }
      },
    },
  }
}

function issuesOf(given: unknown, value: unknown, place: Place): readonly SchemaIssue[] {
  if (given === false) return [issue(place, 'Nothing is allowed here')]
  if (!isSchema(given) || place.depth > MAX_DEPTH || !isJson(value)) return []
  const schema = given
  const inner = { ...place, depth: place.depth + 1 }
  const wrongType = typeIssue(schema['type'], value, place)
  if (wrongType) return [wrongType]
  return [
    ...referredIssues(schema, value, inner),
    ...valueIssues(schema, value, place),
    ...(typeof value === 'string' ? textIssues(schema, value, place) : []),
    ...(typeof value === 'number' ? numberIssues(schema, value, place) : []),
    ...(Array.isArray(value) ? listIssues(schema, value, inner) : []),
    ...(isSchema(value) ? objectIssues(schema, value, inner) : []),
    ...combinedIssues(schema, value, inner),
  ]
}

function referredIssues(schema: Schema, value: unknown, place: Place): readonly SchemaIssue[] {
  const reference = schema['$ref']
  if (typeof reference !== 'string' || !reference.startsWith('#')) return []
  let target: unknown = place.root
  for (const step of reference.slice(1).split('/').slice(1)) {
    const name = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')
    target = isSchema(target) || Array.isArray(target) ? (target as Schema)[name] : undefined
  }
  return issuesOf(target, value, place)
}

function typeIssue(type: unknown, value: unknown, place: Place): SchemaIssue | null {
  const types = (Array.isArray(type) ? type : [type]).filter((one): one is string => typeof one === 'string')
  if (types.length === 0 || types.some((one) => isOfType(one, value))) return null
  return issue(place, `Give ${types.join(' or ')}, not ${typeName(value)}`)
}

function isOfType(type: string, value: unknown): boolean {
  if (type === 'integer') return Number.isInteger(value)
  return type === typeName(value)
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

function valueIssues(schema: Schema, value: unknown, place: Place): readonly SchemaIssue[] {
  const { enum: allowed } = schema
  if (Array.isArray(allowed) && !allowed.some((one) => isDeepStrictEqual(one, value)))
    return [issue(place, `Give one of ${JSON.stringify(allowed)}`)]
  if (Object.hasOwn(schema, 'const') && !isDeepStrictEqual(schema['const'], value))
    return [issue(place, `Give ${JSON.stringify(schema['const'])}`)]
  return []
}

function textIssues(schema: Schema, value: string, place: Place): readonly SchemaIssue[] {
  // Characters as the specification counts them, not units of UTF-16.
  const chars = Array.from(value).length
  const { minLength, maxLength, pattern } = schema
  return [
    ...bound(
      typeof minLength === 'number' && chars < minLength,
      place,
      `Give at least ${String(minLength)} characters`,
    ),
    ...bound(typeof maxLength === 'number' && chars > maxLength, place, `Give at most ${String(maxLength)} characters`),
    ...bound(typeof pattern === 'string' && !fits(pattern, value), place, `Give text that fits ${String(pattern)}`),
  ]
}

// A pattern that another language understands and this one does not is left to the worker.
function fits(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(value)
  } catch {
    return true
  }
}

function numberIssues(schema: Schema, value: number, place: Place): readonly SchemaIssue[] {
  const { minimum, maximum, exclusiveMinimum: above, exclusiveMaximum: below, multipleOf: step } = schema
  const isMultiple = typeof step !== 'number' || Math.abs(value / step - Math.round(value / step)) < 1e-9
  return [
    ...bound(typeof minimum === 'number' && value < minimum, place, `Give a number >= ${String(minimum)}`),
    ...bound(typeof maximum === 'number' && value > maximum, place, `Give a number <= ${String(maximum)}`),
    ...bound(typeof above === 'number' && value <= above, place, `Give a number > ${String(above)}`),
    ...bound(typeof below === 'number' && value >= below, place, `Give a number < ${String(below)}`),
    ...bound(!isMultiple, place, `Give a multiple of ${String(step)}`),
  ]
}

function listIssues(schema: Schema, value: readonly unknown[], place: Place): readonly SchemaIssue[] {
  const { minItems, maxItems, uniqueItems } = schema
  const prefix: readonly unknown[] = Array.isArray(schema['prefixItems']) ? schema['prefixItems'] : []
  const isDouble =
    uniqueItems === true && value.some((one, n) => value.slice(0, n).some((other) => isDeepStrictEqual(one, other)))
  return [
    ...bound(typeof minItems === 'number' && value.length < minItems, place, `Give at least ${String(minItems)} items`),
    ...bound(typeof maxItems === 'number' && value.length > maxItems, place, `Give at most ${String(maxItems)} items`),
    ...bound(isDouble, place, 'Give each item once'),
    ...value.flatMap((item, n) => issuesOf(n < prefix.length ? prefix[n] : schema['items'], item, at(place, n))),
  ]
}

function objectIssues(schema: Schema, value: Schema, place: Place): readonly SchemaIssue[] {
  const properties = isSchema(schema['properties']) ? schema['properties'] : {}
  const patterns = isSchema(schema['patternProperties']) ? Object.entries(schema['patternProperties']) : []
  const required: readonly unknown[] = Array.isArray(schema['required']) ? schema['required'] : []
  const missing = required.filter((name): name is string => typeof name === 'string' && value[name] === undefined)
  const issues = missing.map((name) => issue(at(place, name), 'This is missing'))
  for (const [name, item] of Object.entries(value)) {
    if (item === undefined) continue
    const own = Object.hasOwn(properties, name) ? [properties[name]] : []
    const all = [...own, ...patterns.flatMap(([pattern, one]) => (fits(pattern, name) ? [one] : []))]
    const rest = all.length === 0 ? [schema['additionalProperties']] : all
    for (const one of rest) {
      if (one === false)
        issues.push(
          issue(at(place, name), `This is not known. Known: ${Object.keys(properties).join(', ') || 'nothing'}`),
        )
      else issues.push(...issuesOf(one, item, at(place, name)))
    }
  }
  return issues
}

function combinedIssues(schema: Schema, value: unknown, place: Place): readonly SchemaIssue[] {
  const all = listOf(schema['allOf']).flatMap((one) => issuesOf(one, value, place))
  const any = listOf(schema['anyOf']).map((one) => issuesOf(one, value, place))
  const one = listOf(schema['oneOf']).map((each) => issuesOf(each, value, place))
  const isNot = schema['not'] !== undefined && issuesOf(schema['not'], value, place).length === 0
  return [
    ...all,
    ...(any.length > 0 && any.every(({ length }) => length > 0) ? closest(any) : []),
    ...(one.length > 0 && one.every(({ length }) => length > 0) ? closest(one) : []),
    ...bound(one.filter(({ length }) => length === 0).length > 1, place, 'This fits more than one of the forms'),
    ...bound(isNot, place, 'This form is not allowed'),
  ]
}

/** The issues of the form that was meant most likely: the one that fits deepest. */
function closest(forms: readonly (readonly SchemaIssue[])[]): readonly SchemaIssue[] {
  const depthOf = (issues: readonly SchemaIssue[]): number => Math.max(...issues.map(({ path }) => path?.length ?? 0))
  return forms.toSorted((a, b) => depthOf(b) - depthOf(a))[0] ?? []
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function bound(isBroken: boolean, place: Place, message: string): readonly SchemaIssue[] {
  return isBroken ? [issue(place, message)] : []
}

function issue({ path }: Place, message: string): SchemaIssue {
  return { message, path }
}

function at(place: Place, step: string | number): Place {
  return { ...place, path: [...place.path, step] }
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

// A date or a map has no JSON form here: what the worker makes of it is for the worker to check.
function isJson(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return typeof value !== 'bigint'
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
