import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { FlowEngine } from '@perfect/core'
import { createPerfectRouter } from '@perfect/http'
import { beforeAll, describe, expect, test } from 'vitest'

import { pythonPath, SDK } from '../python.ts'

interface Shape {
  readonly routes: readonly (readonly [method: string, path: string])[]
  readonly views: Readonly<Record<string, readonly string[]>>
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly components: { readonly schemas: Readonly<Record<string, { readonly properties?: object }>> }
}

// Routes in an older spelling, of the worker protocol, of this document itself; live events have a connection of their own.
const WITHOUT_METHOD = /^(\/flows|\/openapi\.json|\/engine\/(ws|events|workers\/(connect|sessions)))/u

// What is not named like its schema.
const SCHEMA_OF: Readonly<Record<string, string>> = {
  ApprovalView: 'PendingApproval',
  AuditView: 'AuditEntry',
  ClientLogView: 'ClientLogLine',
  EngineInfo: 'EngineInfo',
  HistogramBarView: 'RunHistogramBar',
  HistogramView: 'RunHistogram',
  LogView: 'LogLine',
  RegisterResult: 'RegisterAnswer',
  SavedView: 'SavedView',
  SeriesPointView: 'RunSeriesPoint',
  SeriesView: 'RunSeries',
}

let shape: Shape
let document: OpenApi
beforeAll(async () => {
  const script = fileURLToPath(new URL('../../../clients/python/tools/api_shape.py', import.meta.url))
  const { stdout } = await promisify(execFile)(pythonPath(), [script], { env: { ...process.env, PYTHONPATH: SDK } })
  shape = JSON.parse(stdout) as Shape
  const response = await createPerfectRouter(new FlowEngine()).request('/openapi.json')
  document = (await response.json()) as OpenApi
  // Python on a machine that is busy with the other tests.
}, 60_000)

describe('the HTTP client of the Python SDK', () => {
  test('has a method for every route', () => {
    const known = new Set(shape.routes.map(([method, path]) => `${method} ${path.replaceAll(/:\w+/gu, '*')}`))
    const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/gu, '*')}`),
    )
    const missing = routes.filter((route) => !known.has(route) && !WITHOUT_METHOD.test(route.split(' ')[1] ?? ''))
    expect(missing).toEqual([])
    expect([...known].filter((route) => !routes.includes(route))).toEqual([])
  })

  test('describes every answer with the fields that it has', () => {
    const { schemas } = document.components
    const described = Object.entries(shape.views).flatMap(([view, fields]) => {
      const name = SCHEMA_OF[view] ?? view.replace(/View$/u, '')
      const properties = schemas[name]?.properties
      return properties === undefined ? [] : [{ name, fields, properties: Object.keys(properties).toSorted() }]
    })
    for (const { name, fields, properties } of described) expect({ name, fields }).toEqual({ name, fields: properties })
    const names = new Set(described.map(({ name }) => name))
    const answers = Object.keys(schemas).filter((name) => !/(Request|Page|List|Answer|Registration)$/u.test(name))
    const told = new Set(['Problem', 'Health', 'Ready', 'Timeline', 'AlertEvent', 'AlertRun'])
    expect(answers.filter((name) => !names.has(name) && !told.has(name))).toEqual([])
  })
})
