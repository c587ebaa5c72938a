import { context, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base'
import { flow, sleep, step, task } from '@perfect/core'
import { ManualClock } from '@perfect/core/testing'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

import { startEngine } from './start-engine.ts'

const exporter = new InMemorySpanExporter()
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })

beforeAll(() => {
  trace.setGlobalTracerProvider(provider)
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
})

afterEach(() => {
  exporter.reset()
})

afterAll(async () => {
  trace.disable()
  context.disable()
  await provider.shutdown()
})

function span(name: string): ReadableSpan {
  const found = exporter.getFinishedSpans().find((one) => one.name === name)
  if (!found)
    throw new Error(
      `No span "${name}" among ${exporter
        .getFinishedSpans()
        .map((one) => one.name)
        .join(', ')}.`,
    )
  return found
}

const parentOf = (one: ReadableSpan): string | undefined => one.parentSpanContext?.spanId
const idOf = (one: ReadableSpan): string => one.spanContext().spanId

describe('spans of OpenTelemetry', () => {
  it('are made for the run and each task in it, with what to find them by', async () => {
    const crawl = flow('Crawl', { version: '7' }, () => step('fetch', () => 'page'))
    const engine = await startEngine({}, crawl)
    const run = await engine.triggerFlow(crawl, 'release')
    await run.result()
    const attributes = { 'perfect.flow': 'crawl', 'perfect.run.id': run.id, 'perfect.configuration': 'release' }
    expect(span('flow Crawl').attributes).toMatchObject({ ...attributes, 'perfect.run.epoch': 1 })
    expect(span('task fetch').attributes).toMatchObject({
      ...attributes,
      'perfect.task.key': 'fetch#1',
      'perfect.attempt': 1,
    })
    expect(parentOf(span('task fetch'))).toBe(idOf(span('flow Crawl')))
    expect(parentOf(span('flow Crawl'))).toBeUndefined()
  })

  it('belong to the span in which the run was triggered', async () => {
    const hello = flow('hello', () => 1)
    const engine = await startEngine({}, hello)
    const run = await trace.getTracer('host').startActiveSpan('request', async (request) => {
      const triggered = await engine.triggerFlow(hello)
      request.end()
      return triggered
    })
    await run.result()
    expect(parentOf(span('flow hello'))).toBe(idOf(span('request')))
    expect(span('flow hello').spanContext().traceId).toBe(span('request').spanContext().traceId)
  })

  it('are around those that tasks and flows make themselves', async () => {
    const host = trace.getTracer('host')
    const own = (name: string) => (): void => host.startActiveSpan(name, (one) => one.end())
    const nested = flow('nested', async () => {
      own('in the flow')()
      await step('work', own('in the task'))
    })
    const engine = await startEngine({}, nested)
    await (await engine.triggerFlow(nested)).result()
    expect(parentOf(span('in the flow'))).toBe(idOf(span('flow nested')))
    expect(parentOf(span('in the task'))).toBe(idOf(span('task work')))
  })

  it('have the error of each attempt that failed', async () => {
    let calls = 0
    const fetch = task('fetch', { retry: { attempts: 2, backoff: 1 } }, () => {
      calls++
      if (calls === 1) throw new TypeError('not yet')
    })
    const retried = flow('retried', () => fetch())
    const engine = await startEngine({}, retried)
    await (await engine.triggerFlow(retried)).result()
    const attempts = exporter.getFinishedSpans().filter(({ name }) => name === 'task fetch')
    expect(attempts.map(({ status }) => status.code)).toEqual([SpanStatusCode.ERROR, SpanStatusCode.UNSET])
    expect(attempts[0]).toMatchObject({ attributes: { 'error.type': 'TypeError' }, events: [{ name: 'exception' }] })
    expect(attempts.map(({ attributes }) => attributes['perfect.attempt'])).toEqual([1, 2])
  })

  it('are not made for tasks that answer from the journal: a new stretch has a span of its own', async () => {
    const clock = new ManualClock()
    const long = flow('long', async () => {
      await step('first', () => 1)
      await sleep('1h')
      await step('second', () => 2)
    })
    const engine = await startEngine({ clock, tracing: true }, long)
    const run = await engine.triggerFlow(long)
    await clock.advance(3_700_000)
    await run.result()
    const spans = exporter.getFinishedSpans().map(({ name, attributes }) => [name, attributes['perfect.run.epoch']])
    expect(spans).toEqual([
      ['task first', 1],
      ['flow long', 1],
      ['task second', 2],
      ['flow long', 2],
    ])
    expect(span('flow long').attributes['perfect.run.stretch']).toBe('parked')
  })

  it('take a cancelled run for no error', async () => {
    const wait = flow('wait', async () => {
      await sleep(2000)
    })
    const engine = await startEngine({}, wait)
    const run = await engine.triggerFlow(wait)
    await engine.cancelRun(run.id)
    await run.result().catch(() => undefined)
    expect(span('flow wait')).toMatchObject({
      status: { code: SpanStatusCode.UNSET },
      attributes: { 'error.type': 'RUN_CANCELLED' },
    })
  })

  it('are not made by an engine that is told so', async () => {
    const hello = flow('hello', () => 1)
    const engine = await startEngine({ tracing: false }, hello)
    await (await engine.triggerFlow(hello)).result()
    expect(exporter.getFinishedSpans()).toEqual([])
  })
})
