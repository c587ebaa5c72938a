/* A host that the test kills: an engine with one client process, which writes its pid and stays. */
import { FlowEngine } from '@perfect/core'

const [clientFolder = ''] = process.argv.slice(2)
const code = 'console.log("pid " + process.pid); setInterval(() => {}, 1e6)'

const engine = new FlowEngine({
  clientFolder,
  clients: { stays: { command: process.execPath, args: ['-e', code], autoStart: true, graceMs: 500 } },
})
engine.on('client.log', () => process.send?.(engine.processes.status('stays')[0]))
process.on('message', () => void engine.stop().then(() => process.disconnect()))
await engine.start()
