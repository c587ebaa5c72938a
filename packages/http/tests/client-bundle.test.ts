import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

import { build, type Rolldown } from 'vite'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Makes what a browser would be sent of the client. */
async function bundle(): Promise<Rolldown.OutputChunk> {
  const made = (await build({
    configFile: false,
    logLevel: 'silent',
    resolve: { conditions: ['@perfect/source', 'module', 'browser'] },
    build: {
      write: false,
      minify: true,
      lib: { entry: fileURLToPath(new URL('../src/client.ts', import.meta.url)), formats: ['es'], fileName: 'client' },
    },
  })) as Rolldown.RolldownOutput[]
  const [chunk] = made.flatMap(({ output }) => output)
  if (chunk?.type !== 'chunk') throw new Error('Nothing was made.')
  return chunk
}

describe('@perfect/http/client', () => {
  it('brings nothing of the engine, the server or Node into a browser, and is small', async () => {
    const { moduleIds, imports, dynamicImports, code } = await bundle()
    const own = moduleIds.filter((id) => id.startsWith(`${root}packages/`)).map((id) => id.slice(root.length))
    expect(own.toSorted()).toEqual([
      'packages/core/src/errors/codes.ts',
      'packages/core/src/errors/perfect-error.ts',
      'packages/http/src/client.ts',
      'packages/http/src/follow/follow-events.ts',
      'packages/http/src/follow/socket-messages.ts',
      'packages/http/src/follow/stream-messages.ts',
      'packages/http/src/perfect-client.ts',
      'packages/http/src/problem-error.ts',
      'packages/http/src/task-columns.ts',
    ])
    const others = moduleIds.filter((id) => !own.some((path) => id.endsWith(path)) && !id.startsWith('\0'))
    expect(others.every((id) => id.includes('/node_modules/hono/dist/'))).toBe(true)
    expect([...imports, ...dynamicImports]).toEqual([])
    expect(code).not.toMatch(/["'`]node:/)
    expect(gzipSync(code).length).toBeLessThan(8 * 1024)
  })
})
