import { TASK_STATUSES, type TaskView } from '@perfect/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { fromTaskColumns, toTaskColumns } from './task-columns.ts'

const START = Date.parse('2026-11-22T08:00:00.000Z')
const instant = fc.nat(1e9).map((ms) => new Date(START + ms).toISOString())
const orNull = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null })

const task: fc.Arbitrary<TaskView> = fc.record({
  key: fc.string(),
  name: fc.constantFrom('load', 'parse', '__proto__', 'length'),
  kind: fc.constantFrom('task', 'sleep', 'child'),
  origin: fc.constantFrom('run', 'cache', 'copied'),
  status: fc.constantFrom(...TASK_STATUSES),
  attempt: fc.integer({ min: 1, max: 9 }),
  weight: fc.nat(100),
  fraction: fc.constantFrom(0, 0.5, 1),
  childRunId: orNull(fc.string()),
  note: orNull(fc.string()),
  estimatedMs: orNull(fc.nat()),
  remainingMs: orNull(fc.nat()),
  startedAt: instant,
  finishedAt: orNull(instant),
  wakeAt: orNull(instant),
  line: orNull(fc.constant({ limit: 'api', max: 2, perMs: null, place: 3 })),
  error: orNull(fc.constant({ name: 'Error', code: null, message: 'no' })),
})

describe('toTaskColumns()', () => {
  it('says the same as the tasks, whatever is in them', () => {
    fc.assert(
      fc.property(fc.array(task), (tasks) => {
        const sent = JSON.parse(JSON.stringify(toTaskColumns(tasks))) as ReturnType<typeof toTaskColumns>
        expect(fromTaskColumns(sent)).toEqual(tasks)
      }),
    )
  })

  it('takes less than a third of the text of the tasks', () => {
    const tasks = Array.from({ length: 1000 }, (_, index): TaskView => ({
      key: `pages#1[${String(index)}]/load page#1`,
      name: 'load page',
      kind: 'task',
      origin: 'run',
      status: 'succeeded',
      attempt: 1,
      weight: 1,
      fraction: 1,
      childRunId: null,
      note: null,
      estimatedMs: null,
      remainingMs: null,
      startedAt: new Date(START + 13 * index).toISOString(),
      finishedAt: new Date(START + 13 * index + 250).toISOString(),
      wakeAt: null,
      line: null,
      error: null,
    }))
    const rows = JSON.stringify(tasks).length
    expect(JSON.stringify(toTaskColumns(tasks)).length).toBeLessThan(rows / 3)
  })

  it('is told apart from columns that are not whole', () => {
    const columns = toTaskColumns([])
    expect(() => fromTaskColumns({ ...columns, key: ['load#1'] })).toThrow('they are not whole')
  })
})
