import { app, engine } from './app.ts'

await engine.start()
const port = Number(process.env['PORT'] ?? 3002)
app.listen(port, '127.0.0.1', () => {
  console.log(`The shop: http://127.0.0.1:${String(port)}, its operations: http://127.0.0.1:${String(port)}/ops`)
})
