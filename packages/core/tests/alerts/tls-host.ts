/* A host that tells a webhook of a failure, and then says what became of it. Whom it trusts is set from outside, by NODE_EXTRA_CA_CERTS. */
import { setTimeout as pause } from 'node:timers/promises'

import { flow, FlowEngine } from '@perfect/core'

import { SECRET } from './receiver.ts'

const [url = ''] = process.argv.slice(2)
const engine = new FlowEngine({
  alerts: [{ name: 'ops', on: ['failed'], webhook: { url, secret: SECRET } }],
  allowPrivateHosts: ['localhost'],
})
engine.registerFlow(flow('fails', () => Promise.reject(new Error('no'))))
await engine.triggerFlow('fails')
for (;;) {
  const [alert] = (await engine.getAlerts()).items
  if (alert?.state === 'delivered' || alert?.problem) {
    process.stdout.write(JSON.stringify({ state: alert.state, problem: alert.problem }))
    break
  }
  await pause(10)
}
await engine.stop({ drainMs: 0 })
