import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { FlowEngine, flow, task } from '@perfect/core'
import { serve } from '@perfect/http/node'
import { expect, test } from 'vitest'

import { pythonPath, SDK } from '../python.ts'

const CALLS = fileURLToPath(new URL('calls.py', import.meta.url))

test('the HTTP client of the Python SDK says what a server takes, and gets typed errors for what it does not', async () => {
  const step = task('step', (input: unknown) => input)
  const fail = task('fail', ({ row }: { row: number }): never => {
    throw new Error(`row ${String(row)} is bad`)
  })
  const engine = new FlowEngine({ onError: () => undefined })
  engine.registerFlow(flow('echo', (input: unknown) => step(input)))
  engine.registerFlow(flow('broken', (input: { row: number }) => fail(input)))
  await engine.start()
  const server = await serve(engine, { port: 0 })
  try {
    const env = { ...process.env, PYTHONPATH: SDK, PYTHONDONTWRITEBYTECODE: '1' }
    const { stdout } = await promisify(execFile)(pythonPath(), [CALLS, server.url], { env })
    expect(stdout).toBe('done\n')
  } finally {
    await server.close()
    await engine.stop({ drainMs: 0 })
  }
})
