import { createConfig, lintFromString } from '@redocly/openapi-core'
import { describe, expect, it } from 'vitest'

import { ROUTES, type RouteName } from '../src/route-table.ts'
import { document, operationOf } from './contract.ts'

describe('GET /openapi.json', () => {
  it('describes every route of the table once, with who may call it', () => {
    expect(document.openapi).toBe('3.1.0')
    const operations = Object.values(document.paths).flatMap((item) => Object.values(item))
    expect(operations.map(({ operationId }) => operationId).toSorted()).toEqual(Object.keys(ROUTES).toSorted())
    for (const [name, { needs }] of Object.entries(ROUTES))
      expect(operationOf(name as RouteName).security).toEqual(needs === 'public' ? [] : [{ bearer: needs }])
  })

  it('refers to nothing that it does not have', () => {
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(
      ([, to]) => to,
    )
    expect(refs.length).toBeGreaterThan(60)
    expect(Object.keys(document.components.schemas)).toEqual(expect.arrayContaining(refs))
    expect(JSON.stringify(document)).not.toContain('$defs')
  })

  it('gives linters of such documents nothing to complain about', async () => {
    const rules = {
      // An upgrade is answered with 101.
      'operation-2xx-response': 'off',
      // Of a worker with the name of another resource: methods tell them apart.
      'no-ambiguous-paths': 'off',
    } as const
    const config = await createConfig({ extends: ['recommended-strict'], rules })
    const source = JSON.stringify(document)
    const problems = await lintFromString({ source, absoluteRef: 'openapi.json', config })
    expect(problems.map(({ ruleId, message }) => `${ruleId}: ${message}`)).toEqual([])
  })

  it('says that the API takes nothing but the id of a client', () => {
    expect(document.components.schemas['ClientRequest']).toMatchObject({
      additionalProperties: false,
      properties: { id: { type: 'string' } },
    })
  })

  it('names every part of every path', () => {
    for (const [name, { path }] of Object.entries(ROUTES)) {
      const own = operationOf(name as RouteName).parameters?.filter((parameter) => parameter.in === 'path') ?? []
      expect([name, own.map((parameter) => parameter.name)]).toEqual([
        name,
        [...path.matchAll(/:(\w+)/g)].map(([, part]) => part),
      ])
    }
  })

  it('describes the stream and what has no body', () => {
    expect(operationOf('streamEvents').responses['200']?.content).toHaveProperty(['text/event-stream'])
    expect(operationOf('closeWorkerSession').responses['204']?.content).toBeUndefined()
    expect(operationOf('connectWorker').responses).toHaveProperty('101')
  })
})
