import { describe, expect, it } from 'vitest'

import { loadTracing } from './tracing.ts'

describe('loadTracing()', () => {
  it('gives nothing when the package is not installed', async () => {
    const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' })
    expect(await loadTracing(() => Promise.reject(missing))).toBeNull()
  })

  it('does not hide that the package is broken', async () => {
    await expect(loadTracing(() => Promise.reject(new SyntaxError('broken')))).rejects.toThrow('broken')
  })
})
