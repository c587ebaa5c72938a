import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { describe, expect, it } from 'vitest'

const host = fileURLToPath(new URL('./no-tracing.ts', import.meta.url))

describe('a process without @opentelemetry/api', () => {
  it('runs flows, and looks for the package only when its engine starts', async () => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--conditions=@perfect/source', host])
    expect(JSON.parse(stdout)).toEqual({ sought: ['start'], result: 42 })
    expect(stderr).toBe('')
  })
})
