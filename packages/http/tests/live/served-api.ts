import type { FlowEngine } from '@perfect/core'
import { afterEach } from 'vitest'

import { serve, type ServeOptions } from '../../src/serve.ts'
import { startEngine } from '../sample-api.ts'

const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean()
})

/** Lets something be done after the test; the last one first. */
export function afterTest(clean: () => unknown): void {
  cleanups.push(clean)
}

/** An engine and the address of its API, until the test has ended. */
export async function startServed(
  options: ServeOptions = {},
): Promise<{ readonly engine: FlowEngine; readonly url: string }> {
  const engine = await startEngine()
  const server = await serve(engine, { port: 0, ...options })
  afterTest(() => server.close())
  return { engine, url: `${server.url}/api` }
}
