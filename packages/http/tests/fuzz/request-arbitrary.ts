/* Requests for every operation of the OpenAPI document: with parts that fit, parts that nearly do, and parts meant to hurt. */
import fc, { type Arbitrary } from 'fast-check'

import { document, type Operation } from '../contract.ts'
import { hostileText, hostileValue, valueOf } from './schema-arbitrary.ts'

/** A request as it is sent; `{name}` in its path stands for something that exists when it is sent. */
export interface FuzzRequest {
  readonly method: string
  readonly path: string
  /** Which of the things that exist is meant. */
  readonly pick: number
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array<ArrayBuffer> | null
}

const RAW_BODIES: readonly (string | Uint8Array<ArrayBuffer>)[] = [
  '',
  '{',
  'null',
  '[]',
  '"text"',
  '{"a":1}{"b":2}',
  '{"input":{"__proto__":{"polluted":true}}}',
  '{"input":{"constructor":{"prototype":{"polluted":true}}}}',
  '{"input":1,"input":2}',
  `{"input":${'['.repeat(5000)}${']'.repeat(5000)}}`,
  `{"input":"${'x'.repeat(200_000)}"}`,
  `{"input":1e400}`,
  `{"input":${'9'.repeat(2000)}}`,
  '\uFEFF{}',
  '{"a":"\\ud800"}',
  '--boundary\r\ncontent-disposition: form-data\r\n\r\nx',
  'a=1&b=2',
  Uint8Array.of(0xff, 0xfe, 0x00),
  Uint8Array.of(0x1f, 0x8b, 0x08, 0x00),
  Uint8Array.of(0x7b, 0x22, 0xc0, 0x80, 0x22, 0x3a, 0x31, 0x7d),
]

const HEADERS: Readonly<Record<string, Arbitrary<string>>> = {
  'content-type': fc.constantFrom(
    'text/plain',
    'application/xml',
    'application/json;charset=utf-16',
    '',
    ',,',
    'a/b/c',
  ),
  'content-length': fc.constantFrom('-1', '99999999999', 'x'),
  'content-encoding': fc.constantFrom('gzip', 'br', 'x'),
  host: fc.constantFrom('evil.example', '127.0.0.1:1', '[::1]', '', 'localhost.', 'a b', '..', '[', '127.0.0.1@evil'),
  origin: fc.constantFrom('null', 'http://localhost', 'https://evil.example', 'x', ''),
  'sec-fetch-site': fc.constantFrom('cross-site', 'same-origin', 'x'),
  authorization: fc.constantFrom('Bearer', 'Bearer x', 'Basic =', 'Bearer a.b.c', ''),
  'if-match': fc.constantFrom('*', '"1"', '1', 'W/"1"', '""', '","', '"'),
  'if-none-match': fc.constantFrom('*', '"1"', 'W/"x", "y"', ','),
  'idempotency-key': fc.constantFrom('k1', 'k2', '"k3"', '', 'k'.repeat(3000)),
  prefer: fc.constantFrom('wait=0', 'wait=-1', 'wait="', 'respond-async, wait=999999', 'wait=0.1'),
  accept: fc.constantFrom('text/html', '*/*;q=x', 'text/plain', 'application/x-ndjson', ''),
  'last-event-id': fc.constantFrom('x', '-1', 'a-1', '9'.repeat(30)),
  'request-id': fc.constantFrom('x', '../..', 'a'.repeat(500), '<b>'),
  'perfect-api-version': fc.constantFrom('1999-01-01', 'x', ''),
  upgrade: fc.constantFrom('websocket', 'h2c'),
  'x-forwarded-host': fc.constantFrom('evil.example', ''),
  'x-forwarded-for': fc.constantFrom('1.1.1.1, x', ''),
  'x-http-method-override': fc.constantFrom('DELETE'),
  expect: fc.constantFrom('100-continue', 'x'),
  range: fc.constantFrom('bytes=0-', 'bytes=-1', 'x'),
}

/** Requests for all operations, each as often as any other. */
export const anyRequest: Arbitrary<FuzzRequest> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.constantFrom(...operations()).chain(([method, path, one]) => requestOf(method, path, one)),
  },
  { weight: 1, arbitrary: strayRequest() },
)

function operations(): readonly (readonly [string, string, Operation])[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => [method.toUpperCase(), path, operation] as const),
  )
}

function requestOf(method: string, path: string, { parameters = [], requestBody }: Operation): Arbitrary<FuzzRequest> {
  const [body] = Object.values(requestBody?.content ?? {})
  return fc
    .record({
      method: fc.constant(method),
      path: pathOf(path),
      pick: fc.nat(63),
      query: queryOf(parameters.filter((parameter) => parameter.in === 'query')),
      headers: headersOf(),
      body: method === 'GET' ? fc.constant(null) : bodyOf(body?.schema ?? {}),
    })
    .map((request) => ({ ...request, headers: typed(request.body, request.headers) }))
}

/** A path of nothing, or a method that the path does not have. */
function strayRequest(): Arbitrary<FuzzRequest> {
  const paths = fc.oneof(fc.constantFrom(...Object.keys(document.paths)), fc.webPath())
  return fc.record({
    method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'),
    path: fc
      .tuple(paths, fc.constantFrom('', '/', '//', '/..', '/%2e%2e', ';x', '.json'))
      .map((parts) => parts.join('')),
    pick: fc.nat(63),
    query: fc.webQueryParameters(),
    headers: headersOf(),
    body: fc.constant(null),
  })
}

function typed(body: FuzzRequest['body'], headers: FuzzRequest['headers']): FuzzRequest['headers'] {
  return body === null || body === '' ? headers : { 'content-type': 'application/json', ...headers }
}

/** Mostly the path as it is, for what exists; some of its parts stand for nothing that anybody has. */
function pathOf(path: string): Arbitrary<string> {
  if (!path.includes('{')) return fc.constant(path)
  const bad = fc.oneof(hostileText.map(escaped), fc.constantFrom('%', '%2F', '%c0%80', '%ff', '..', '%2e%2e', '%00'))
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant(path) },
    { weight: 1, arbitrary: bad.map((text) => path.replaceAll(/\{\w+\}/g, () => text)) },
  )
}

function queryOf(parameters: readonly { readonly name: string; readonly schema: Readonly<Record<string, unknown>> }[]) {
  const known = parameters.map(({ name, schema }) =>
    fc.oneof(
      { weight: 3, arbitrary: fc.constant('') },
      { weight: 2, arbitrary: valueOf(schema).map((value) => `${name}=${escaped(textOf(value))}`) },
      { weight: 1, arbitrary: hostileText.map((text) => `${name}=${escaped(text)}&${name}=1`) },
    ),
  )
  const odd = fc.constantFrom('', '', '', '&&', '=', '%', '%ff=%ff', 'x[]=1', '__proto__=1', 'limit[a]=1', '?', '#')
  return fc.tuple(...known, odd).map((parts) => parts.filter((part) => part !== '').join('&'))
}

function headersOf(): Arbitrary<Record<string, string>> {
  // All at once would be refused by the first of them each time.
  return fc
    .shuffledSubarray(Object.entries(HEADERS), { maxLength: 2 })
    .chain((kept) => fc.record<Record<string, string>>(Object.fromEntries(kept)))
}

function bodyOf(schema: Readonly<Record<string, unknown>>): Arbitrary<FuzzRequest['body']> {
  return fc.oneof(
    { weight: 8, arbitrary: valueOf(schema).map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: hostileValue.map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: fc.constantFrom(...RAW_BODIES) },
    { weight: 1, arbitrary: fc.constant(null) },
  )
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function escaped(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}
