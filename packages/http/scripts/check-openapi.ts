// The OpenAPI document of the routes, compared with openapi.json beside the package: the API changes on purpose only.
// `node --conditions=@perfect/source packages/http/scripts/check-openapi.ts --update` writes it down anew.
import { readFileSync, writeFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'

import { FlowEngine } from '@perfect/core'
import { createPerfectRouter } from '@perfect/http'

import { apiChanges, type ApiDocument } from './api-changes.ts'

interface WholeDocument extends ApiDocument {
  readonly info: { readonly version: string }
}

const file = new URL('../openapi.json', import.meta.url)

/** A line for each operation and each schema, so that a change of one is a change of a line. */
function toText({ paths, components, ...rest }: WholeDocument): string {
  const members = (entries: Readonly<Record<string, unknown>>): string =>
    Object.entries(entries)
      .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
      .join(',\n')
  const { schemas, ...others } = components
  return [
    `${JSON.stringify(rest).slice(0, -1)},`,
    `"paths":{\n${Object.entries(paths)
      .map(([path, item]) => `${JSON.stringify(path)}:{\n${members(item)}\n}`)
      .join(',\n')}\n},`,
    `"components":{${JSON.stringify(others).slice(1, -1)},\n"schemas":{\n${members(schemas)}\n}}}`,
    '',
  ].join('\n')
}

/** Whether two documents say the same. A release writes the version of the package. */
function isSame(before: WholeDocument, { info, ...after }: WholeDocument): boolean {
  return isDeepStrictEqual(before, { ...after, info: { ...info, version: before.info.version } })
}

const response = await createPerfectRouter(new FlowEngine()).request('/openapi.json')
const after = (await response.json()) as WholeDocument
if (process.argv.includes('--update')) writeFileSync(file, toText(after))
else {
  const before = JSON.parse(readFileSync(file, 'utf8')) as WholeDocument
  if (!isSame(before, after)) {
    const changes = apiChanges(before, after).toSorted((one, other) => Number(other.breaks) - Number(one.breaks))
    for (const { where, what, breaks } of changes)
      process.stdout.write(`${breaks ? 'BREAKS CALLERS: ' : ''}${where}: ${what}\n`)
    const breaking = changes.filter(({ breaks }) => breaks).length
    process.stdout.write(
      `openapi.json is not that of the routes: ${String(changes.length)} differences besides its words, ${String(breaking)} of them break callers. ` +
        'When this is meant: pnpm openapi:update, and a changeset; a major one when it breaks callers.\n',
    )
    process.exitCode = 1
  }
}
