/* An existing Express app that gets durable flows: an engine, one mounted router and one element. */
import { fileURLToPath } from 'node:url'

import { getRequestListener } from '@hono/node-server'
import { flow, FlowEngine, step } from '@perfect/core'
import { createPerfectRouter } from '@perfect/http'
import express, { type Express } from 'express'

const invoice = flow('invoice', async (customer: string) => {
  const total = await step('add up', () => customer.length * 100)
  return step('send', ({ log }) => {
    log.info(`${customer} owes ${String(total)}`)
    return { customer, total }
  })
})

export const engine: FlowEngine = new FlowEngine()
engine.registerFlow(invoice)

export const app: Express = express()

// What the app does anyway.
app.get('/', (_request, response) => void response.send('The shop is open.'))
// oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Express 5 hands what an async handler throws to its error handler
app.post('/invoices/:customer', async (request, response) => {
  const run = await engine.triggerFlow(invoice, { input: request.params.customer })
  response.status(202).json({ run: run.id })
})

// What Perfect adds. Mount it before body parsers: it reads the body itself.
app.use('/ops/api', getRequestListener(createPerfectRouter(engine).fetch))
app.get('/ops', (_request, response) => {
  response.type('html')
    .send(`<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Operations</title><script type="module" src="/ops/ui.js"></script>
<perfect-dashboard src="/ops/api"></perfect-dashboard></html>`)
})
app.get('/ops/ui.js', (_request, response) => {
  response.sendFile(fileURLToPath(import.meta.resolve('@perfect/ui-web/bundle')))
})
