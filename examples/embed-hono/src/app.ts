/* An existing Hono app that gets durable flows: an engine, one mounted router and one element. */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

import { flow, FlowEngine, step } from '@perfect/core'
import { createPerfectRouter } from '@perfect/http'
import { Hono } from 'hono'

const welcome = flow('welcome', async (name: string) => {
  const letter = await step('write letter', () => `Dear ${name}, welcome!`)
  return step('send letter', ({ log }) => {
    log.info(letter)
    return letter.length
  })
})

export const engine: FlowEngine = new FlowEngine()
engine.registerFlow(welcome)

export const app: Hono = new Hono()

// What the app does anyway.
app.get('/', (c) => c.text('The shop is open.'))
app.post('/customers/:name', async (c) => {
  const run = await engine.triggerFlow(welcome, { input: c.req.param('name') })
  return c.json({ run: run.id }, 202)
})

// What Perfect adds.
app.route('/ops/api', createPerfectRouter(engine))
app.get('/ops', (c) =>
  c.html(`<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Operations</title><script type="module" src="/ops/ui.js"></script>
<perfect-dashboard src="/ops/api"></perfect-dashboard></html>`),
)
app.get('/ops/ui.js', async (c) => {
  const bundle = await readFile(fileURLToPath(import.meta.resolve('@perfect/ui-web/bundle')))
  return c.body(new Uint8Array(bundle), 200, { 'content-type': 'text/javascript; charset=utf-8' })
})
