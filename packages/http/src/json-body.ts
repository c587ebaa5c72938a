/*
 * Request bodies: JSON and nothing else, bounded in size and depth before anything looks at them, then checked by a schema.
 */
import { PerfectError } from '@perfect/core'
import type { HonoRequest } from 'hono'
import { resolver, uniqueSymbol } from 'hono-openapi'
import type { ZodType } from 'zod'

import type { BodyMiddleware, OptionalBodyMiddleware } from './api-context.ts'
import { invalidRequest, type FieldProblem } from './problem.ts'

// Deeper than any real input, and far from what recursive code of a flow could not walk.
const MAX_DEPTH = 64
const UTF8 = new TextDecoder('utf-8', { fatal: true })
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json$/i

/** Makes the middleware of routes that need a body. */
export function createBody(maxBytes: number): <Out, In>(schema: ZodType<Out, In>) => BodyMiddleware<In, Out> {
  return <Out, In>(schema: ZodType<Out, In>): BodyMiddleware<In, Out> =>
    describeBody(schema, true, async (c, next) => {
      const value = await readJson(c.req, maxBytes)
      if (value === undefined)
        throw new PerfectError('REQUEST_MALFORMED', 'The request has no body. Send a JSON object.')
      c.req.addValidatedData('json', check(schema, value) as object)
      await next()
    })
}

/** Makes the middleware of routes that can do without a body. */
export function createOptionalBody(
  maxBytes: number,
): <Out, In>(schema: ZodType<Out, In>) => OptionalBodyMiddleware<In, Out> {
  return <Out, In>(schema: ZodType<Out, In>): OptionalBodyMiddleware<In, Out> =>
    describeBody(schema, false, async (c, next) => {
      c.req.addValidatedData('json', check(schema, (await readJson(c.req, maxBytes)) ?? {}) as object)
      await next()
    })
}

/** Checks a value. @throws {PerfectError} REQUEST_INVALID with every place that does not fit. */
export function check<Out, In>(schema: ZodType<Out, In>, value: unknown, prefix = ''): Out {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw invalidRequest(result.error.issues.map(({ path, message }) => ({ pointer: prefix + toPointer(path), message })))
}

function toPointer(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

function describeBody<M extends object>(schema: ZodType, required: boolean, middleware: M): M {
  const spec = { requestBody: { required, content: { 'application/json': { schema: resolver(schema) } } } }
  return Object.assign(middleware, { [uniqueSymbol]: { spec } })
}

/** The JSON of a request, bounded in depth; undefined when its body is empty. */
async function readJson(request: HonoRequest, maxBytes: number): Promise<unknown> {
  const value = await readAnyJson(request, maxBytes)
  checkShape(value)
  return value
}

/** The JSON of a request, of any shape; undefined when its body is empty. */
export async function readAnyJson(request: HonoRequest, maxBytes: number): Promise<unknown> {
  // Middleware of the host may have read the body before; Hono keeps it then.
  const bytes = request.raw.bodyUsed ? await readAgain(request, maxBytes) : await readBytes(request.raw, maxBytes)
  if (bytes.length === 0) return undefined
  checkContentType(request.raw)
  try {
    return JSON.parse(UTF8.decode(bytes))
  } catch (error) {
    const why = error instanceof SyntaxError ? error.message : 'It is not UTF-8'
    throw new PerfectError('REQUEST_MALFORMED', `The request body is not valid JSON. ${why}.`)
  }
}

function checkContentType(request: Request): void {
  const type = request.headers.get('content-type') ?? ''
  const [mediaType = ''] = type.split(';')
  if (JSON_TYPE.test(mediaType.trim())) return
  throw new PerfectError(
    'CONTENT_TYPE_UNSUPPORTED',
    `The content type ${JSON.stringify(type.slice(0, 200))} is not supported. Send JSON with "Content-Type: application/json".`,
    { details: { contentType: type.slice(0, 200) } },
  )
}

async function readAgain(request: HonoRequest, maxBytes: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(await request.arrayBuffer())
  if (bytes.length > maxBytes) throw tooLarge(maxBytes)
  return bytes
}

async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  const length = request.headers.get('content-length')
  if (Number(length ?? 0) > maxBytes) throw tooLarge(maxBytes)
  // Servers read no more than was announced, and several can give that without a stream, at half of the cost.
  if (length !== null) return readWhole(request, maxBytes)
  const { body } = request
  if (body === null) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    // Counted while reading, because a chunked body does not say its size, and a length may be a lie.
    for await (const chunk of body as ReadableStream<Uint8Array>) {
      size += chunk.byteLength
      if (size > maxBytes) throw tooLarge(maxBytes)
      chunks.push(chunk)
    }
  } catch (error) {
    throw PerfectError.is(error) ? error : broken(error)
  }
  return Buffer.concat(chunks)
}

async function readWhole(request: Request, maxBytes: number): Promise<Uint8Array> {
  let bytes: Uint8Array
  try {
    bytes = new Uint8Array(await request.arrayBuffer())
  } catch (error) {
    throw broken(error)
  }
  if (bytes.length > maxBytes) throw tooLarge(maxBytes)
  return bytes
}

/** The caller is gone; nobody will read this. */
function broken(cause: unknown): PerfectError {
  return new PerfectError('REQUEST_MALFORMED', 'The request ended before its body did.', { cause })
}

function tooLarge(maxBytes: number): PerfectError {
  return new PerfectError(
    'BODY_TOO_LARGE',
    `The request body is larger than ${String(maxBytes)} bytes. Send less, or give "maxBodyBytes" of the router.`,
    { details: { maxBytes } },
  )
}

/** Walks without recursion, since the depth is the sender's choice. */
function checkShape(root: unknown): void {
  const open: { readonly value: unknown; readonly depth: number; readonly pointer: string }[] = [
    { value: root, depth: 1, pointer: '' },
  ]
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const { value, depth, pointer } = place
    if (typeof value !== 'object' || value === null) continue
    if (depth > MAX_DEPTH) throw refused({ pointer, message: `Nested deeper than ${String(MAX_DEPTH)} levels` })
    // Code of a flow that copies the input into another object would change the prototype of that one.
    if (Object.hasOwn(value, '__proto__'))
      throw refused({ pointer: `${pointer}/__proto__`, message: 'The key "__proto__" is not allowed' })
    for (const [key, item] of Object.entries(value))
      if (typeof item === 'object' && item !== null)
        open.push({ value: item, depth: depth + 1, pointer: pointer + toPointer([key]) })
  }
}

function refused(problem: FieldProblem): PerfectError {
  return invalidRequest([problem])
}
