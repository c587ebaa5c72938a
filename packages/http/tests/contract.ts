/* Holds every answer that a test gets against the OpenAPI document. */
import { FlowEngine } from '@perfect/core'
import { createPerfectRouter } from '@perfect/http'
import addFormats from 'ajv-formats'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'

import { ROUTES, type RouteFacts, type RouteName } from '../src/route-table.ts'

type Json = Readonly<Record<string, unknown>>

interface Media {
  readonly content?: Readonly<Record<string, { readonly schema: Json }>>
  readonly description: string
}

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required?: boolean
  readonly schema: Json
}

export interface Operation {
  readonly operationId: RouteName
  readonly responses: Readonly<Record<string, Media>>
  readonly security?: unknown
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly required: boolean; readonly content: Readonly<Record<string, { schema: Json }>> }
}

export interface OpenApiDocument {
  readonly openapi: string
  readonly info: Json
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Json>>; readonly securitySchemes: Json }
}

const PROBLEM = 'application/problem+json'

/** The OpenAPI document, made once. */
export const document: OpenApiDocument = await readDocument()

const ajv = new Ajv2020({ strict: false, allErrors: true })
addFormats.default(ajv)
ajv.addSchema({ $id: 'doc', ...(closed({ components: document.components }) as Json) })

const routes = Object.entries(ROUTES) as readonly (readonly [RouteName, RouteFacts])[]
const patterns = routes.map(
  ([name, { method, path }]) =>
    [name, method, new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')}$`)] as const,
)
const validators = new Map<string, ValidateFunction>()

async function readDocument(): Promise<OpenApiDocument> {
  const response = await createPerfectRouter(new FlowEngine()).request('/openapi.json')
  return (await response.json()) as OpenApiDocument
}

/** The operation of a route. */
export function operationOf(name: RouteName): Operation {
  const { path, method } = ROUTES[name]
  const found = document.paths[path.replaceAll(/:(\w+)/g, '{$1}')]?.[method]
  if (!found) throw new Error(`No operation for ${name}.`)
  return found
}

/** The route that a request reaches; null when there is none. The first one counts, as in the router. */
function routeOf(method: string, path: string): RouteName | null {
  const wanted = method === 'HEAD' ? 'get' : method.toLowerCase()
  return patterns.find(([, one, pattern]) => one === wanted && pattern.test(path))?.[0] ?? null
}

/** What of an answer does not fit the document; empty when all of it does. */
export async function differences(method: string, path: string, response: Response): Promise<readonly string[]> {
  const name = routeOf(method, path)
  const { status } = response
  const type = response.headers.get('content-type')?.split(';', 1)[0] ?? null
  if (name === null)
    return type === PROBLEM ? [] : [`${method} ${path} is not described, and answers with ${type ?? 'nothing'}`]
  const described = operationOf(name).responses[String(status)]
  if (described === undefined) return [`${name} answers with ${String(status)}, which is not described`]
  const hasBody = type !== null && method !== 'HEAD' && status !== 204 && status !== 304
  if (!hasBody)
    return described.content === undefined || method === 'HEAD' || status === 304 ? [] : [`${name} has no body`]
  const content = described.content?.[type]
  if (content === undefined) return [`${name} answers ${String(status)} as ${type}, which is not described`]
  if (type !== 'application/json' && type !== PROBLEM) return []
  const value = (await response.clone().json()) as Json
  const missing =
    type === PROBLEM && !described.description.split(', ').includes(String(value['code']))
      ? [`${name} refuses with ${String(value['code'])}, which is not described for ${String(status)}`]
      : []
  const check = validatorOf(`${name} ${String(status)} ${type}`, content.schema)
  check(value)
  return [...missing, ...(check.errors ?? []).map((error) => `${name} ${error.instancePath} ${error.message ?? ''}`)]
}

function validatorOf(key: string, schema: Json): ValidateFunction {
  const known = validators.get(key)
  if (known) return known
  const text = JSON.stringify(closed(schema)).replaceAll('"#/components/', '"doc#/components/')
  const check = ajv.compile(JSON.parse(text) as Json)
  validators.set(key, check)
  return check
}

/** The schema, with objects that may hold nothing but what it says: fields that are not described are found, too. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed)
  if (typeof schema !== 'object' || schema === null) return schema
  const parts = Object.fromEntries(Object.entries(schema).map(([key, part]) => [key, closed(part)]))
  return 'properties' in parts && !('additionalProperties' in parts) ? { ...parts, additionalProperties: false } : parts
}
