import { describe, expect, it } from 'vitest'

import { readProcessLine } from './process-lines.ts'

describe('readProcessLine()', () => {
  it.each([
    ['::progress 0.4', { progress: 0.4 }],
    ['::progress 1 all read', { progress: 1, note: 'all read' }],
    ['{"progress":0.25,"note":"page 1"}', { progress: 0.25, note: 'page 1' }],
    ['::result {"rows":17}', { result: { rows: 17 } }],
    ['::result null', { result: null }],
  ])('reads %s', (line, expected) => {
    expect(readProcessLine(line)).toEqual(expected)
  })

  it.each([
    'reading',
    '',
    '::progress soon',
    '::other 1',
    ':: result 1',
    '{"progress":"half"}',
    '{"progress":0.5,"level":"info","msg":"a log line of the program"}',
    '{"progress":0.5',
  ])('takes %j for text', (line) => {
    expect(readProcessLine(line)).toBeUndefined()
  })

  it('refuses a result that is no JSON', () => {
    expect(() => readProcessLine('::result {rows}')).toThrow(SyntaxError)
  })
})
