// A worker in a process of its own that does nothing but the protocol: it ends each run at once, and tells when it got it.
import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { url: { type: 'string' }, slots: { type: 'string' } } })
const socket = new WebSocket(`${values.url ?? ''}/api/engine/workers/connect`, 'perfect.worker.v1')
const held = new Map<string, number>()
let waiting: unknown[] = []

socket.addEventListener('open', () => {
  say({
    type: 'hello',
    workerId: crypto.randomUUID(),
    protocol: { min: 1, max: 1 },
    slots: Number(values.slots),
    flows: [{ name: 'Small' }],
  })
})
socket.addEventListener('message', ({ data }) => {
  const at = now()
  const message = JSON.parse(String(data)) as Readonly<Record<string, unknown>>
  if (message['type'] === 'welcome') beat(Number(message['heartbeatMs']))
  else if (message['type'] === 'run.assign') run(message, at)
  else if (message['type'] === 'run.ack') held.delete(String(message['runId']))
})
socket.addEventListener('close', () => process.exit())

/** The clock of the machine, which processes share. Unit: ms. */
function now(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

function run({ runId, epoch }: Readonly<Record<string, unknown>>, at: number): void {
  held.set(String(runId), Number(epoch))
  say({ type: 'run.accept', runId, epoch })
  say({
    type: 'run.events',
    runId,
    epoch,
    firstSeq: 1,
    events: [{ kind: 'run.completed', status: 'succeeded', result: at }],
  })
}

function beat(ms: number): void {
  let n = 0
  setInterval(() => {
    const runs = [...held].map(([runId, epoch]) => ({ runId, epoch }))
    say({ type: 'heartbeat', n: ++n, runs })
  }, ms)
}

// As any SDK does: what is said in one turn goes out in one go.
function say(message: unknown): void {
  waiting.push(message)
  if (waiting.length > 1) return
  setImmediate(() => {
    for (const one of waiting) socket.send(JSON.stringify(one))
    waiting = []
  })
}
