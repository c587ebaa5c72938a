import { describe, expect, test } from 'vitest'

import { connectionWord } from './connection-status.ts'
import { formatRoute, parseRoute, type Route } from './router.ts'

const routes: readonly Route[] = [
  { page: 'overview' },
  { page: 'flows' },
  { page: 'processes' },
  { page: 'runs', filter: { status: 'all', flowId: null } },
  { page: 'runs', filter: { status: 'failed', flowId: 'a b&c' } },
  { page: 'run', runId: 'run/1?x' },
]

describe('parseRoute()', () => {
  test.each(routes)('reads back the path of %o', (route) => {
    expect(parseRoute(formatRoute(route))).toEqual(route)
  })

  test.each(['', '/', '/nowhere', '//', '%%%'])('leads from "%s" to the overview', (path) => {
    expect(parseRoute(path)).toEqual({ page: 'overview' })
  })

  test('keeps an identifier that cannot be decoded', () => {
    expect(parseRoute('/runs/%E0%A4%A')).toEqual({ page: 'run', runId: '%E0%A4%A' })
  })
})

describe('connectionWord()', () => {
  test('says a loss only when it lasts, but always when there was no data yet', () => {
    const lost = { status: 'lost', since: 1000, lastSeenAt: 900 } as const
    expect(connectionWord(lost, 1500)).toBe('live')
    expect(connectionWord(lost, 3500)).toBe('stale')
    expect(connectionWord({ ...lost, lastSeenAt: null }, 1500)).toBe('stale')
  })

  test('does not call a change of topics a loss', () => {
    expect(connectionWord({ status: 'connecting', since: 1000, lastSeenAt: 900 }, 5000)).toBe('live')
    expect(connectionWord({ status: 'connecting', since: 1000, lastSeenAt: null }, 1100)).toBe('connecting')
  })
})
