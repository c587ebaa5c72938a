import { describe, expect, test } from 'vitest'

import { processEnvironment } from './process-environment.ts'

describe('processEnvironment()', () => {
  test('passes on only what every program needs', () => {
    const host = { PATH: '/bin', LANG: 'C.UTF-8', NODE_OPTIONS: '--inspect', DATABASE_URL: 'secret' }
    expect(processEnvironment({}, host)).toEqual({ PATH: '/bin', LANG: 'C.UTF-8' })
  })

  test('lets a declaration add to it and replace it', () => {
    expect(processEnvironment({ PATH: '/opt/bin', MODE: 'x' }, { PATH: '/bin' })).toEqual({
      PATH: '/opt/bin',
      MODE: 'x',
    })
  })
})
