import { describe, expect, it } from 'vitest'

import { checkByJsonSchema } from './json-schema.ts'
import { toPointer } from './standard-schema.ts'

function check(schema: Readonly<Record<string, unknown>>, value: unknown): readonly string[] {
  const result = checkByJsonSchema(schema)['~standard'].validate(value)
  if (result instanceof Promise) throw new TypeError('The check of a JSON Schema is not to wait.')
  return (result.issues ?? []).map((issue) => `${toPointer(issue)}: ${issue.message}`)
}

describe('a check by JSON Schema', () => {
  it.each([
    [{ type: ['string', 'null'] }, 1, ': Give string or null, not number'],
    [{ enum: ['a', 'b'] }, 'c', ': Give one of ["a","b"]'],
    [{ const: 1 }, 2, ': Give 1'],
    [{ type: 'string', minLength: 2 }, '🙂', ': Give at least 2 characters'],
    [{ maxLength: 1 }, 'ab', ': Give at most 1 characters'],
    [{ pattern: '^a+$' }, 'b', ': Give text that fits ^a+$'],
    [{ exclusiveMinimum: 0 }, 0, ': Give a number > 0'],
    [{ maximum: 3, multipleOf: 0.5 }, 3.2, ': Give a number <= 3'],
    [{ items: { type: 'integer' }, uniqueItems: true }, [1, 1], ': Give each item once'],
    [{ prefixItems: [{ type: 'string' }], items: false }, ['a', 1], '/1: Nothing is allowed here'],
    [{ minItems: 1 }, [], ': Give at least 1 items'],
    [{ required: ['a'] }, undefined, '/a: This is missing'],
    [{ additionalProperties: { type: 'string' } }, { 'a/b': 1 }, '/a~1b: Give string, not number'],
    [{ $ref: '#/$defs/Day', $defs: { Day: { type: 'string' } } }, 1, ': Give string, not number'],
    [{ allOf: [{ type: 'string' }, { minLength: 3 }] }, 'ab', ': Give at least 3 characters'],
    [{ not: { type: 'string' } }, 'a', ': This form is not allowed'],
    [{ oneOf: [{ type: 'number' }, { minimum: 1 }] }, 1, ': This fits more than one of the forms'],
  ])('by %j finds what is wrong with %j', (schema, value, found) => {
    expect(check(schema, value)[0]).toBe(found)
  })

  it('tells of the form that was meant when none fits', () => {
    const schema = { anyOf: [{ type: 'null' }, { type: 'object', properties: { a: { type: 'string' } } }] }
    expect(check(schema, { a: 1 })).toEqual(['/a: Give string, not number'])
  })

  it.each([
    [{ type: 'integer', default: 3, title: 'n', format: 'int32' }, 1],
    [{ type: 'number' }, 1.5],
    [{ type: 'object', properties: { day: { type: 'string', format: 'date-time' } } }, { day: new Date(0) }],
    [{ pattern: '(?P<name>a)' }, 'b'],
    [{ $ref: 'https://elsewhere.example/schema' }, 1],
    [{ $ref: '#' }, 1],
    [{ type: 'object', additionalProperties: false }, undefined],
    [{ patternProperties: { '^x': { type: 'number' } }, additionalProperties: false }, { x1: 1 }],
  ])('by %j finds nothing wrong with %j', (schema, value) => {
    expect(check(schema, value)).toEqual([])
  })
})
