/*
 * What `npm start` runs: an engine on an SQLite file, three example flows, the API and the dashboard on one loopback port,
 * and a Python client that the dashboard can start.
 */
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { FlowEngine, PerfectError } from '@perfect/core'
import { sqliteStorage } from '@perfect/core/sqlite'
import { createPerfectRouter } from '@perfect/http'
import { serve } from '@perfect/http/node'
import { Hono } from 'hono'

import { checksumFiles } from './flows/checksum-files.ts'
import { watchHost } from './flows/watch-host.ts'
import { weatherEtl } from './flows/weather-etl.ts'
import { page, pageStyles } from './page.ts'

const here = dirname(dirname(fileURLToPath(import.meta.url)))
const port = Number(process.env['PORT'] ?? 3000)
const file = process.env['PERFECT_DB'] ?? join(here, 'perfect.db')

const engine = new FlowEngine({
  storage: sqliteStorage(file),
  clientFolder: join(dirname(file), 'perfect-clients'),
  clients: {
    'python-examples': {
      name: 'Python examples',
      command: process.env['PYTHON'] ?? 'python3',
      args: ['examples/workflows/example_flows.py'],
      cwd: fileURLToPath(new URL('../../../', import.meta.url)),
      env: { PYTHONUNBUFFERED: '1', PERFECT_URL: `http://127.0.0.1:${String(port)}` },
    },
  },
})
engine.registerFlow(weatherEtl(join(dirname(file), 'weather.db')))
engine.registerFlow(checksumFiles)
engine.registerFlow(watchHost)

const app = new Hono()
app.route('/api', createPerfectRouter(engine))
app.get('/perfect-ui.js', async (c) => {
  const bundle = await readFile(fileURLToPath(import.meta.resolve('@perfect/ui-web/bundle')))
  return c.body(new Uint8Array(bundle), 200, {
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'no-cache',
  })
})
app.get('/page.css', (c) => pageStyles(c))
app.get('/', (c) => page(c))

try {
  await engine.start()
  const server = await serve(engine, { fetch: app.fetch, port, prefix: '/api' })
  console.log(`Perfect is ready: ${server.url} (Node ${process.version}, ${file})`)
  endOnSignal(() => server.close())
} catch (error) {
  // A port in use, or a storage that cannot be opened: the message says what to do; the trace would hide it.
  console.error(PerfectError.is(error) ? `${error.code}: ${error.message}` : error)
  await engine.stop()
  process.exitCode = 1
}

function endOnSignal(closeServer: () => Promise<void>): void {
  let isEnding = false
  const end = async (): Promise<void> => {
    if (isEnding) process.exit(130)
    isEnding = true
    await closeServer()
    await engine.stop({ drainMs: 3000 })
    process.exit(0)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end())
  // The launcher holds a channel open; without it nobody is left who could end us.
  process.on('disconnect', () => void end())
}
