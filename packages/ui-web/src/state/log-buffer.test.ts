import { describe, expect, test } from 'vitest'

import { makeLine } from '../../tests/fixture/make.ts'
import { LogBuffer } from './log-buffer.ts'

const texts = (buffer: LogBuffer): readonly string[] => buffer.rows.map(({ text }) => text)

describe('LogBuffer', () => {
  test('takes every line once, however it came', () => {
    const buffer = new LogBuffer()
    buffer.append([makeLine({ seq: 5 }), makeLine({ seq: 6 })])
    buffer.append([makeLine({ seq: 6 }), makeLine({ seq: 7 })])
    expect(buffer.prepend([makeLine({ seq: 4 }), makeLine({ seq: 5 })])).toBe(1)
    expect(buffer.rows.map(({ seq }) => seq)).toEqual([4, 5, 6, 7])
    expect([buffer.firstSeq, buffer.lastSeq]).toEqual([4, 7])
  })

  test('makes a row of each line of a message', () => {
    const buffer = new LogBuffer()
    buffer.append([makeLine({ seq: 1, message: 'Error: no\r\n    at a\n    at b\n' })])
    expect(texts(buffer)).toEqual(['Error: no', '    at a', '    at b'])
    expect(buffer.rows.map(({ isContinued }) => isContinued)).toEqual([false, true, true])
  })

  test('narrows to a level, and to a task with the tasks inside it', () => {
    const buffer = new LogBuffer()
    buffer.append([
      makeLine({ seq: 1, task: 'a#1' }),
      makeLine({ seq: 2, task: 'a#1/b#1', level: 'error' }),
      makeLine({ seq: 3, task: 'a#10', level: 'error' }),
    ])
    buffer.filter({ minLevel: 'debug', task: 'a#1' })
    expect(texts(buffer)).toEqual(['line 1', 'line 2'])
    buffer.filter({ minLevel: 'warn', task: null })
    expect(texts(buffer)).toEqual(['line 2', 'line 3'])
    buffer.append([makeLine({ seq: 4 }), makeLine({ seq: 5, level: 'warn' })])
    expect(texts(buffer)).toEqual(['line 2', 'line 3', 'line 5'])
  })

  test('lets the oldest rows go', () => {
    const buffer = new LogBuffer()
    buffer.append([makeLine({ seq: 1, message: 'x\n'.repeat(100_000) }), makeLine({ seq: 2 })])
    expect(buffer.size).toBe(100_000)
    expect(buffer.lastSeq).toBe(2)
  })
})
