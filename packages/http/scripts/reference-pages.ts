/* The reference of the HTTP API as pages, made from its OpenAPI document. */

interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly description?: string
  readonly default?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
}

interface Media {
  readonly description?: string
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>
}

interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly tags: readonly string[]
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[]
  readonly parameters?: readonly {
    readonly name: string
    readonly in: string
    readonly required?: boolean
    readonly description?: string
    readonly schema?: Schema
  }[]
  readonly requestBody?: Media & { readonly required?: boolean }
  readonly responses: Readonly<Record<string, Media>>
}

/** What pages are made of. */
export interface ReferenceDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

interface Route {
  readonly method: string
  readonly path: string
  readonly operation: Operation
}

/** One page for each tag, one with all schemas and an index, by file name. */
export function referencePages({ paths, components }: ReferenceDocument): ReadonlyMap<string, string> {
  const byTag = new Map<string, Route[]>()
  for (const [path, methods] of Object.entries(paths))
    for (const [method, operation] of Object.entries(methods)) {
      const [tag = 'other'] = operation.tags
      const routes = byTag.get(tag) ?? []
      byTag.set(tag, routes)
      routes.push({ method: method.toUpperCase(), path, operation })
    }
  const pages = new Map([...byTag].map(([tag, routes]) => [`${tag}.md`, tagPage(tag, routes)] as const))
  pages.set('schemas.md', schemasPage(components.schemas))
  return pages.set('index.md', indexPage(byTag))
}

function indexPage(byTag: ReadonlyMap<string, readonly Route[]>): string {
  const lines = [...byTag].flatMap(([tag, routes]) => [
    '',
    `## [${title(tag)}](${tag}.md)`,
    '',
    '| Route | What it does |',
    '| --- | --- |',
    ...routes.map(
      ({ method, path, operation }) =>
        `| [\`${method} ${path}\`](${tag}.md#${operation.operationId}) | ${operation.summary} |`,
    ),
  ])
  return `# HTTP reference\n\nEvery route of \`/openapi.json\`; paths begin where the router is mounted, for example at \`/api\`.\n${lines.join('\n')}\n`
}

function tagPage(tag: string, routes: readonly Route[]): string {
  return `# ${title(tag)}\n\n${routes.map(routeSection).join('\n')}`
}

function routeSection({ method, path, operation }: Route): string {
  const { operationId, summary, security, parameters = [], requestBody, responses } = operation
  const scopes = security?.flatMap((each) => Object.values(each).flat()) ?? []
  const needs = scopes.length > 0 ? `Needs ${scopes.map((scope) => `\`${scope}\``).join(' or ')}.` : 'Public.'
  const rows = parameters.map(
    ({ name, in: place, required, description = '', schema = {} }) =>
      `| \`${name}\` | ${place}${required === true ? ', required' : ''} | ${typeText(schema)} | ${cell(description)} |`,
  )
  const answers = Object.entries(responses).map(
    ([status, answer]) => `| ${status} | ${bodyText(answer)} | ${cell(answer.description ?? '')} |`,
  )
  return [
    `## ${summary} {#${operationId}}`,
    `\`${method} ${path}\``,
    needs,
    ...(rows.length > 0 ? [`| Parameter | In | Type | |\n| --- | --- | --- | --- |\n${rows.join('\n')}`] : []),
    ...(requestBody
      ? [`Body${requestBody.required === true ? '' : ', may be left out'}: ${bodyText(requestBody)}`]
      : []),
    `| Status | Body | |\n| --- | --- | --- |\n${answers.join('\n')}\n`,
  ].join('\n\n')
}

function schemasPage(schemas: Readonly<Record<string, Schema>>): string {
  const sections = Object.entries(schemas).map(([name, schema]) => {
    const { properties, required = [] } = schema
    if (!properties) return `## ${name}\n\n${typeText(schema)}\n`
    const rows = Object.entries(properties).map(
      ([key, value]) =>
        `| \`${key}\`${required.includes(key) ? '' : ' (optional)'} | ${typeText(value)} | ${cell(value.description ?? '')} |`,
    )
    return `## ${name}\n\n| Field | Type | |\n| --- | --- | --- |\n${rows.join('\n')}\n`
  })
  return `# Schemas\n\n${sections.join('\n')}`
}

function bodyText({ content = {} }: Media): string {
  const bodies = Object.entries(content).map(([type, { schema }]) =>
    schema?.$ref === undefined ? `\`${type}\`` : typeText(schema),
  )
  return bodies.join(', ')
}

function typeText(schema: Schema): string {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)
    return `[${name}](schemas.md#${name.toLowerCase()})`
  }
  if (schema.const !== undefined) return code(schema.const)
  if (schema.enum) return schema.enum.map(code).join(', ')
  if (schema.anyOf) return schema.anyOf.map(typeText).join(' or ')
  const { type = 'any', items, minimum, maximum } = schema
  const name = typeof type === 'string' ? type : type.join(' or ')
  const range =
    minimum === undefined && maximum === undefined ? '' : ` ${String(minimum ?? '')}..${String(maximum ?? '')}`
  const of = items ? ` of ${typeText(items)}` : ''
  const otherwise = schema.default === undefined ? '' : `, default ${code(schema.default)}`
  return `${name}${of}${range}${otherwise}`
}

function code(value: unknown): string {
  return `\`${cell(JSON.stringify(value))}\``
}

// In a cell of a table, and not read as markup of the site.
function cell(text: string): string {
  return text
    .replaceAll('|', String.raw`\|`)
    .replaceAll('\n', ' ')
    .replaceAll('<', '&lt;')
}

function title(tag: string): string {
  return `${tag.charAt(0).toUpperCase()}${tag.slice(1)}`
}
