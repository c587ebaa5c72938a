import { describe, expect, it } from 'vitest'
import { z } from 'zod'

import { toConfigurations } from './configuration.ts'
import { all, scope, sleep, step } from './flow-calls.ts'
import { flow } from './flow.ts'
import { map } from './map-call.ts'
import { toRemoteDefinition } from './remote-flow.ts'
import { toRetryPolicy } from './retry.ts'
import { task } from './task.ts'

const code = (expected: string) => expect.objectContaining({ code: expected }) as Error

describe('task()', () => {
  it('is the plain function outside of a flow', async () => {
    const double = task('double', { retry: 3, timeout: '1s' }, (n: number) => n * 2)
    expect(await double(21)).toBe(42)
  })

  it.each([0, -1, Number.NaN, Infinity, '2'])('refuses the weight %s', (weight) => {
    expect(() => task('a', { weight: weight as number }, () => 1)).toThrow(code('WEIGHT_INVALID'))
  })

  it.each(['', '  ', 'a/b', 'a#1', 'a[b]', 'line\nbreak', 'x'.repeat(201)])('refuses the name %j', (name) => {
    expect(() => task(name, () => 1)).toThrow(code('TASK_DEFINITION_INVALID'))
  })

  it('changes options with with(), and leaves the original alone', () => {
    const light = task('a', { weight: 1 }, () => 1)
    expect([light.with({ weight: 5 }).definition.weightOf([]), light.definition.weightOf([])]).toEqual([5, 1])
  })
})

describe('flow()', () => {
  it('runs as a plain function outside of an engine, steps and maps included', async () => {
    const sum = flow('sum', async (numbers: readonly number[]) => {
      const doubled = await map('double', numbers, (n) => step('times two', () => n * 2))
      const { a, b } = await all({ a: () => scope('inner', () => 1), b: () => step('two', () => 2) })
      await sleep(1)
      return doubled.reduce((total, n) => total + n, 0) + a + b
    })
    expect(await sum([1, 2, 3])).toBe(15)
  })

  it('makes its id of its name', () => {
    expect(['ETL Pipeline', 'Größe & Maß', '日次', '!!!'].map((name) => flow(name, () => 1).definition.id)).toEqual([
      'etl-pipeline',
      'große-maß',
      '日次',
      'flow-212121',
    ])
  })

  it('takes weights and estimates of planned tasks from the tasks', () => {
    const load = task('load', { weight: 3, estimatedTime: '2s' }, () => 1)
    const bySize = task('by size', { weight: (rows: number) => rows }, (rows: number) => rows)
    const { plan } = flow('a', { plan: [load, bySize, { name: 'map', weight: 2 }] }, () => 1).definition
    expect(plan).toEqual([
      { name: 'load', weight: 3, estimatedMs: 2000, isOpen: false },
      { name: 'by size', weight: 1, estimatedMs: null, isOpen: true },
      { name: 'map', weight: 2, estimatedMs: null, isOpen: false },
    ])
  })

  it('refuses a task that is planned twice', () => {
    expect(() => flow('a', { plan: [{ name: 'x' }, { name: 'x' }] }, () => 1)).toThrow(code('FLOW_DEFINITION_INVALID'))
  })

  it('asks the schema of the input for its JSON Schema', () => {
    const { inputSchema } = flow('a', { input: z.object({ days: z.number() }) }, () => 1).definition
    expect(inputSchema).toMatchObject({ type: 'object', properties: { days: { type: 'number' } } })
  })

  it.each([{ name: '' }, { name: 'a', id: '../b' }, { name: 'a', tasks: [{ name: 'x' }, { name: 'x' }] }])(
    'refuses the registration %j',
    (registration) => {
      expect(() => toRemoteDefinition(registration)).toThrow(code('FLOW_DEFINITION_INVALID'))
    },
  )
})

describe('toRetryPolicy()', () => {
  it.each([{ attempts: 0 }, { attempts: 1.5 }, { attempts: 1e9 }, { backoff: { factor: 0.5 } }])(
    'refuses %j',
    (retry) => {
      expect(() => toRetryPolicy(retry)).toThrow(code('RETRY_INVALID'))
    },
  )
})

describe('toConfigurations()', () => {
  it('adds configurations of the host and lets it change built-in ones', () => {
    const known = toConfigurations({
      staging: { extends: 'release', logLevel: 'debug' },
      debug: { captureConsole: false },
    })
    expect(known.get('staging')).toMatchObject({ name: 'staging', logLevel: 'debug', keepTaskResults: false })
    expect([known.get('debug')?.captureConsole, known.get('release')?.engineLogLevel]).toEqual([false, 'warn'])
  })

  it('refuses values out of range, also those of a flow', () => {
    const configurations = { release: { logLevel: 'loud' as 'info' } }
    expect(() => flow('odd', { configurations }, () => 1)).toThrow(code('CONFIGURATION_INVALID'))
    expect(() => toConfigurations({ odd: { logFlushMs: -1 } })).toThrow(code('CONFIGURATION_INVALID'))
  })
})
