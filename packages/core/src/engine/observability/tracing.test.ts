import { trace } from '@opentelemetry/api'
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base'
import { describe, expect, it } from 'vitest'

import { loadTracing } from './tracing.ts'

describe('loadTracing()', () => {
  it('gives nothing when the package is not installed', async () => {
    const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' })
    expect(await loadTracing(() => Promise.reject(missing))).toBeNull()
  })

  it('gives nothing as long as no SDK takes the spans, so that runs are not wrapped for nobody', async () => {
    expect(await loadTracing()).toBeNull()
    trace.setGlobalTracerProvider(new BasicTracerProvider())
    expect(await loadTracing()).not.toBeNull()
    trace.disable()
  })

  it('does not hide that the package is broken', async () => {
    await expect(loadTracing(() => Promise.reject(new SyntaxError('broken')))).rejects.toThrow('broken')
  })
})
