import { describe, expect, it } from 'vitest'

import { apiChanges, type ApiDocument } from '../scripts/api-changes.ts'
import { document } from './contract.ts'

type Json = Readonly<Record<string, unknown>>

const jsonBody = (schema: Json): Json => ({ content: { 'application/json': { schema } } })

/** An API of one route, whose body and answer are these. */
function api(
  sent: Json,
  answered: Json = {},
  operation: Json = {},
  schemas: Readonly<Record<string, Json>> = {},
): ApiDocument {
  const post = { requestBody: jsonBody(sent), responses: { 200: jsonBody(answered) }, ...operation }
  return { paths: { '/runs': { post } }, components: { schemas } }
}

const object = (properties: Json, required: readonly string[] = []): Json => ({ type: 'object', properties, required })
const text = { type: 'string' }
const count = { type: 'integer' }

/** What is said of a schema that changes, when callers send it and when they are answered with it. */
function said(before: Json, after: Json): Readonly<Record<string, readonly string[]>> {
  const told = (one: ApiDocument, other: ApiDocument): readonly string[] =>
    apiChanges(one, other).map(({ what, breaks }) => (breaks ? `! ${what}` : what))
  return { sent: told(api(before), api(after)), answered: told(api({}, before), api({}, after)) }
}

describe('apiChanges', () => {
  it('finds none between a document and itself', () => {
    expect(apiChanges(document, structuredClone(document))).toEqual([])
  })

  it.each<[string, Json, Json, string, string]>([
    ['a new field', object({}), object({ a: text }), 'field a is new', 'field a is new'],
    ['a new field that is required', object({}), object({ a: text }, ['a']), '! field a is new', 'field a is new'],
    ['a field that is gone', object({ a: text }), object({}), '! field a is gone', '! field a is gone'],
    [
      'a field that is required now',
      object({ a: text }),
      object({ a: text }, ['a']),
      '! field a is required',
      'field a is required',
    ],
    [
      'a field that is optional now',
      object({ a: text }, ['a']),
      object({ a: text }),
      'field a is optional',
      '! field a is optional',
    ],
    ['a new word', { enum: ['a'] }, { enum: ['a', 'b'] }, 'enum "b" is new', 'enum "b" is new'],
    ['a word that is gone', { enum: ['a', 'b'] }, { enum: ['a'] }, '! enum "b" is gone', 'enum "b" is gone'],
    ['a new type', text, { type: ['string', 'null'] }, 'type "null" is new', '! type "null" is new'],
    ['a larger minimum', { minimum: 1 }, { minimum: 2 }, '! minimum is narrower', 'minimum is narrower'],
    ['a new maximum', {}, { maximum: 9 }, '! maximum is narrower', 'maximum is narrower'],
    ['a maximum that is gone', { maxItems: 9 }, {}, 'maxItems is wider', 'maxItems is wider'],
    [
      'a choice more',
      { anyOf: [text] },
      { anyOf: [text, count] },
      'anyOf has 2 instead of 1',
      '! anyOf has 2 instead of 1',
    ],
    [
      'a choice less',
      { anyOf: [text, count] },
      { anyOf: [text] },
      '! anyOf has 1 instead of 2',
      'anyOf has 1 instead of 2',
    ],
    ['another format', { format: 'date' }, { format: 'time' }, '! format differs', 'format differs'],
    [
      'fields that are refused now',
      {},
      { additionalProperties: false },
      '! additionalProperties differs',
      'additionalProperties differs',
    ],
  ])('tells %s', (_name, before, after, sent, answered) => {
    expect(said(before, after)).toEqual({ sent: [sent], answered: [answered] })
  })

  it('looks into lists, fields, references and what contains itself', () => {
    const tree = (leaf: Json): Json =>
      object({ leaf, twigs: { type: 'array', items: { $ref: '#/components/schemas/Tree' } } })
    const of = (leaf: Json): ApiDocument => api({}, { $ref: '#/components/schemas/Tree' }, {}, { Tree: tree(leaf) })
    expect(apiChanges(of(text), of(count)).map(({ where, what }) => `${where}: ${what}`)).toEqual([
      'POST /runs 200.leaf: type "string" is gone',
      'POST /runs 200.leaf: type "integer" is new',
    ])
  })

  it.each<[string, Json, Json, readonly string[]]>([
    ['a parameter', { parameters: [] }, { parameters: [{ in: 'query', name: 'q' }] }, ['parameter query q is new']],
    [
      'one that is needed',
      { parameters: [] },
      { parameters: [{ in: 'query', name: 'q', required: true }] },
      ['! parameter query q is new'],
    ],
    [
      'one that is needed now',
      { parameters: [{ in: 'query', name: 'q' }] },
      { parameters: [{ in: 'query', name: 'q', required: true }] },
      ['! parameter query q is required'],
    ],
    [
      'another success',
      { responses: { 200: {} } },
      { responses: { 202: {} } },
      ['! answer 202 is new', '! answer 200 is gone'],
    ],
    ['another refusal', { responses: { 200: {} } }, { responses: { 200: {}, 409: {} } }, ['answer 409 is new']],
    [
      'other scopes',
      { security: [{ bearer: ['read'] }] },
      { security: [{ bearer: ['admin'] }] },
      ['! needs other scopes'],
    ],
  ])('tells of a route %s', (_name, before, after, expected) => {
    const changes = apiChanges(api({}, {}, before), api({}, {}, after))
    expect(changes.map(({ what, breaks }) => (breaks ? `! ${what}` : what))).toEqual(expected)
  })

  it('tells routes that come and go', () => {
    const none: ApiDocument = { paths: {}, components: { schemas: {} } }
    expect(apiChanges(none, api({}))).toEqual([{ where: 'POST /runs', what: 'is new', breaks: false }])
    expect(apiChanges(api({}), none)).toEqual([{ where: 'POST /runs', what: 'is gone', breaks: true }])
  })
})
