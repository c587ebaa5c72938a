import { describe, expect, test } from 'vitest'

import { problem } from '../../tests/fixture/fixture-engine.ts'
import { makeActions, makeClient, makeFlow, makeRun, makeTask, makeWorker } from '../../tests/fixture/make.ts'
import { emptyState, type DashboardState, type LiveEvent, type StateMessage } from './dashboard-state.ts'
import { CLIENT_LOG_LINES, reduce, reduceEvents } from './reduce.ts'

const event = (name: string, data: unknown): LiveEvent => ({ type: 'event', id: 'eng:1', name, data }) as LiveEvent
const after = (messages: readonly StateMessage[]): DashboardState => messages.reduce(reduce, emptyState)
const line = (seq: number) => ({ seq, at: '2026-11-22T10:00:00.000Z', stream: 'stdout', text: String(seq) }) as const

describe('reduce()', () => {
  test('gives the same state for a message that changes nothing', () => {
    const state = reduce(emptyState, event('run.updated', makeRun({ id: 'run_1', status: 'failed' })))
    expect(reduce(state, event('run.updated', makeRun({ id: 'run_1', status: 'running' })))).toBe(state)
    expect(reduce(state, event('something.new', {}))).toBe(state)
  })

  test('a snapshot takes away active runs that the engine does not know any more', () => {
    const state = after([
      event('run.updated', makeRun({ id: 'gone' })),
      event('run.updated', makeRun({ id: 'ended', status: 'succeeded' })),
      { type: 'runs', items: [makeRun({ id: 'here' })], isSnapshot: true },
    ])
    expect([...state.runs.keys()]).toEqual(['ended', 'here'])
    expect(state.loaded.has('runs')).toBe(true)
  })

  test('a page of a list takes nothing away', () => {
    const known = reduce(emptyState, event('run.updated', makeRun({ id: 'run_1' })))
    const state = reduce(known, { type: 'runs', items: [makeRun({ id: 'run_2' })], isSnapshot: false })
    expect([...state.runs.keys()]).toEqual(['run_1', 'run_2'])
    expect(state.loaded.has('runs')).toBe(false)
  })

  test('keeps tasks only of runs that are open', () => {
    const detail = {
      run: makeRun({ id: 'run_1' }),
      tasks: [],
      input: null,
      result: null,
      logLines: 0,
      can: makeActions(),
    }
    const state = after([
      { type: 'detail', detail },
      event('task.updated', { runId: 'run_1', flowId: 'etl', task: makeTask({ key: 'a#1' }) }),
      event('task.updated', { runId: 'run_2', flowId: 'etl', task: makeTask({ key: 'a#1' }) }),
    ])
    expect(state.details.get('run_1')?.tasks.size).toBe(1)
    expect(state.details.has('run_2')).toBe(false)
    expect(reduce(state, { type: 'forget', runId: 'run_1' }).details.size).toBe(0)
  })

  test('joins output lines by their number and keeps the newest', () => {
    const lines = Array.from({ length: CLIENT_LOG_LINES }, (_, index) => line(index + 1))
    const state = after([
      { type: 'clients', items: [makeClient({ id: 'py', logs: lines })] },
      event('client.log', { id: 'py', lines: [line(CLIENT_LOG_LINES), line(CLIENT_LOG_LINES + 1)] }),
      event('client.updated', makeClient({ id: 'py', status: 'running' })),
    ])
    const client = state.clients.get('py')
    expect(client?.status).toBe('running')
    expect(client?.logs).toHaveLength(CLIENT_LOG_LINES)
    expect(client?.logs.at(0)?.seq).toBe(2)
    expect(client?.logs.at(-1)?.seq).toBe(CLIENT_LOG_LINES + 1)
  })

  test('follows flows and workers', () => {
    const state = after([
      event('flow.updated', makeFlow({ name: 'etl' })),
      event('flow.updated', makeFlow({ name: 'crawl' })),
      event('flow.removed', { id: 'etl' }),
      event('worker.updated', makeWorker({ id: 'wrk_1' })),
      event('worker.updated', makeWorker({ id: 'wrk_2' })),
      event('worker.updated', makeWorker({ id: 'wrk_1', status: 'offline' })),
    ])
    expect([...state.flows.keys()]).toEqual(['crawl'])
    expect([...state.workers.keys()]).toEqual(['wrk_2'])
  })

  test('forgets why a part could not be read when it arrives', () => {
    const failed = reduce(emptyState, {
      type: 'error',
      key: 'flows',
      error: problem(503, 'STORAGE_UNAVAILABLE', 'No.'),
    })
    expect(failed.errors.get('flows')?.code).toBe('STORAGE_UNAVAILABLE')
    expect(reduce(failed, { type: 'flows', items: [] }).errors.size).toBe(0)
  })
})

describe('reduceEvents()', () => {
  test('gives what one event after the other gives', () => {
    const detail = {
      run: makeRun({ id: 'run_1' }),
      tasks: [],
      input: null,
      result: null,
      logLines: 0,
      can: makeActions(),
    }
    const start = reduce(emptyState, { type: 'detail', detail })
    const events = [
      event('run.triggered', makeRun({ id: 'run_2', status: 'queued' })),
      event('task.updated', {
        runId: 'run_1',
        flowId: 'etl',
        task: makeTask({ key: 'a#1', status: 'running', finishedAt: null }),
      }),
      event('run.updated', makeRun({ id: 'run_2', status: 'running' })),
      event('flow.updated', makeFlow({ name: 'etl' })),
      event('task.updated', { runId: 'run_1', flowId: 'etl', task: makeTask({ key: 'a#1' }) }),
      event('task.updated', { runId: 'run_9', flowId: 'etl', task: makeTask({ key: 'a#1' }) }),
    ]
    expect(reduceEvents(start, events)).toEqual(events.reduce(reduce, start))
    expect(reduceEvents(start, [])).toBe(start)
  })
})
