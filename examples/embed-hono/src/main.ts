import { serve } from '@hono/node-server'

import { app, engine } from './app.ts'

await engine.start()
const port = Number(process.env['PORT'] ?? 3001)
serve({ fetch: app.fetch, hostname: '127.0.0.1', port }, () => {
  console.log(`The shop: http://127.0.0.1:${String(port)}, its operations: http://127.0.0.1:${String(port)}/ops`)
})
