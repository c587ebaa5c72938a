import { ERROR_CODES, PerfectError, type ErrorCode } from '@perfect/core'
import { describe, expect, it } from 'vitest'

import { invalidRequest, toProblem } from './problem.ts'

describe('toProblem()', () => {
  it.each(Object.keys(ERROR_CODES) as ErrorCode[])('answers %s with its status and title', (code) => {
    const problem = toProblem(new PerfectError(code, 'What happened. What to do.'), 'req_1')
    expect(problem).toMatchObject({ code, ...pick(code), instance: '/requests/req_1' })
  })

  it.each(['INTERNAL', 'STORAGE_CORRUPT', 'STORAGE_TOO_NEW', 'STORAGE_UNAVAILABLE'] as const)(
    'keeps the message of %s to itself',
    (code) => {
      const problem = toProblem(new PerfectError(code, '/secret/path', { details: { file: '/secret/path' } }), 'req_1')
      expect(JSON.stringify(problem)).not.toContain('secret')
      expect(problem.detail).toContain('req_1')
    },
  )

  it('keeps values of failures that are ours to itself', () => {
    const error = new PerfectError('CLIENT_START_FAILED', 'It did not start.', { details: { command: 'x' } })
    expect(toProblem(error, 'req_1').details).toBeUndefined()
  })

  it.each([new Error('secret'), 'secret', null, undefined, { code: 'FLOW_NOT_FOUND', message: 'secret' }])(
    'tells nothing of %j',
    (thrown) => {
      const problem = toProblem(thrown, 'req_1')
      expect(problem).toMatchObject({ code: 'INTERNAL', status: 500 })
      expect(JSON.stringify(problem)).not.toContain('secret')
    },
  )
})

describe('invalidRequest()', () => {
  it('names the first place that does not fit, and gives all', () => {
    const errors = [
      { pointer: '/a', message: 'Too long' },
      { pointer: '/b', message: 'Too short' },
    ]
    const problem = toProblem(invalidRequest(errors), 'req_1')
    expect(problem).toMatchObject({ code: 'REQUEST_INVALID', status: 400, errors })
    expect(problem.detail).toContain('At "/a": Too long.')
    expect(problem.details).toBeUndefined()
  })
})

function pick(code: ErrorCode): { readonly status: number; readonly title: string } {
  const { status, title } = ERROR_CODES[code]
  return { status, title }
}
