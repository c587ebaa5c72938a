/* A host that dies: right after a run of it has failed, before anybody can have been told, or while it tells. */
import { flow, FlowEngine } from '@perfect/core'
import { sqliteStorage } from '@perfect/core/sqlite'

import { SECRET } from './receiver.ts'

const [database = '', url = '', mode = ''] = process.argv.slice(2)

const engine = new FlowEngine({
  storage: sqliteStorage(database),
  alerts: [{ name: 'ops', on: ['failed'], webhook: { url, secret: SECRET } }],
  allowPrivateHosts: ['127.0.0.1'],
})
engine.registerFlow(flow('fails', () => Promise.reject(new Error('no'))))
// Published right after the commit that ends the run.
engine.on('run.updated', ({ status }) => {
  if (status === 'failed' && mode === 'after-end') process.kill(process.pid, 'SIGKILL')
})
await engine.start()
await engine.triggerFlow('fails')
