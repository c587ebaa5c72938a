/* A process without `@opentelemetry/api`: tells when it was looked for, and how a run went. */
import { registerHooks } from 'node:module'

const sought: string[] = []
let moment = 'import'
registerHooks({
  resolve(specifier, context, nextResolve) {
    if (!specifier.startsWith('@opentelemetry/')) return nextResolve(specifier, context)
    sought.push(moment)
    throw Object.assign(new Error(`Cannot find package '${specifier}'`), { code: 'ERR_MODULE_NOT_FOUND' })
  },
})
const { flow, FlowEngine } = await import('@perfect/core')
const hello = flow('hello', () => 42)
moment = 'construction'
const engine = new FlowEngine()
engine.registerFlow(hello)
moment = 'start'
await engine.start()
moment = 'run'
const run = await engine.triggerFlow(hello)
process.stdout.write(JSON.stringify({ sought, result: await run.result() }))
await engine.stop()
