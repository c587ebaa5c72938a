import { describe, expect, test } from 'vitest'

import { initialValues, readInputFields, titleOf, toInput } from './input-schema.ts'
import { fieldAt, RequestKey } from './trigger-request.ts'

const object = (properties: Record<string, unknown>, required: readonly string[] = []) => ({
  type: 'object',
  properties,
  required,
})

describe('readInputFields()', () => {
  test('makes a control for every simple value', () => {
    const fields = readInputFields(
      object(
        {
          name: { type: 'string' },
          day: { type: 'string', format: 'date' },
          size: { type: 'integer', minimum: 1, default: 5 },
          ratio: { type: 'number' },
          dryRun: { type: 'boolean', description: 'Write nothing' },
          mode: { enum: ['a', 'b'] },
          text: { type: 'string', maxLength: 5000 },
        },
        ['name'],
      ),
    )
    expect(fields?.map(({ name, kind, inputType, isRequired }) => [name, kind, inputType, isRequired])).toEqual([
      ['name', 'text', 'text', true],
      ['day', 'text', 'date', false],
      ['size', 'number', 'text', false],
      ['ratio', 'number', 'text', false],
      ['dryRun', 'boolean', 'text', false],
      ['mode', 'choice', 'text', false],
      ['text', 'multiline', 'text', false],
    ])
  })

  test('reads optional values and references as other languages write them', () => {
    const schema = {
      ...object({ mode: { anyOf: [{ $ref: '#/$defs/Mode' }, { type: 'null' }] }, day: { type: ['string', 'null'] } }),
      $defs: { Mode: { enum: ['fast', 'slow'], title: 'Mode of work' } },
    }
    const fields = readInputFields(schema)
    expect(fields?.[0]).toMatchObject({ kind: 'choice', title: 'Mode of work' })
    expect(fields?.[1]).toMatchObject({ kind: 'text' })
  })

  test.each([
    ['a list', object({ a: { type: 'array', items: { type: 'string' } } })],
    ['an object inside', object({ a: object({ b: { type: 'string' } }) })],
    ['more than one type', object({ a: { type: ['string', 'number'] } })],
    ['a reference to itself', { $ref: '#' }],
    ['no properties', { type: 'object' }],
    ['anything at all', {}],
  ])('leaves %s to JSON', (_, schema) => {
    expect(readInputFields(schema)).toBe(null)
  })
})

describe('toInput()', () => {
  test('takes defaults and leaves empty fields out', () => {
    const fields =
      readInputFields(object({ a: { type: 'string', default: 'x' }, b: { type: 'string' }, c: { type: 'boolean' } })) ??
      []
    expect(toInput(fields, initialValues(fields))).toEqual({ a: 'x', c: false })
    expect(
      toInput(
        fields,
        new Map<string, unknown>([
          ['a', ''],
          ['b', 'y'],
        ]),
      ),
    ).toEqual({ b: 'y' })
  })
})

describe('titleOf()', () => {
  test('makes words of names', () => {
    expect(['chunkSize', 'dry_run', 'url'].map(titleOf)).toEqual(['Chunk size', 'Dry run', 'Url'])
  })
})

describe('fieldAt()', () => {
  test('finds the field of a pointer, with and without the request around it', () => {
    const fields = readInputFields(object({ 'a/b': { type: 'string' }, input: { type: 'string' } })) ?? []
    expect(fieldAt('/a~1b', fields)).toBe('a/b')
    expect(fieldAt('/input/a~1b', fields)).toBe('a/b')
    expect(fieldAt('/input', fields)).toBe('input')
    expect(fieldAt('/other', fields)).toBe(null)
    expect(fieldAt('', fields)).toBe(null)
  })
})

describe('RequestKey', () => {
  test('is the same for the same request and another for a changed one', () => {
    const key = new RequestKey()
    const first = key.for({ a: 1 })
    expect(key.for({ a: 1 })).toBe(first)
    expect(key.for({ a: 2 })).not.toBe(first)
    expect(first).toMatch(/^[\da-f]{32}$/)
  })
})
