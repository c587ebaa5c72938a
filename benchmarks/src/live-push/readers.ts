// The process of those who follow: opens all connections, then notes for each end of a task how long it took to get here.
import { connect, type Socket } from 'node:net'

import { quantile } from '../harness/statistics.ts'

/** Who follows what. */
export interface Following {
  readonly port: number
  /** Each busy reader follows one of these. */
  readonly runIds: readonly string[]
  readonly busy: number
  readonly idle: number
}

/** What was heard between `begin` and `report`. */
export interface Heard {
  /** Unit: ms, from the time in the record of the task. */
  readonly p50Ms: number
  readonly p99Ms: number
  readonly messages: number
}

// More at once would wait in the queue of the system for connections.
const AT_ONCE = 50

let delays: number[] = []
let messages = 0

process.on('message', (message: Following | 'begin' | 'report') => {
  if (message === 'begin') [delays, messages] = [[], 0]
  else if (message === 'report')
    process.send?.({ p50Ms: quantile(delays, 0.5), p99Ms: quantile(delays, 0.99), messages } satisfies Heard)
  else void follow(message).then(() => process.send?.('connected'))
})

async function follow({ port, runIds, busy, idle }: Following): Promise<void> {
  const topics = [
    ...Array.from({ length: idle }, (_, index) => `run:run_of_another_${String(index)}`),
    ...Array.from({ length: busy }, (_, index) => `run:${runIds[index % runIds.length] ?? ''}`),
  ]
  for (let index = 0; index < topics.length; index += AT_ONCE)
    await Promise.all(topics.slice(index, index + AT_ONCE).map((topic, place) => open(port, topic, place % 2 === 0)))
}

/** Connects; done when the greeting is there. */
function open(port: number, topic: string, isWebSocket: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('A reader was dropped.')))
    socket.write(isWebSocket ? upgradeRequest(topic) : streamRequest(topic))
    let text = ''
    const onGreeting = (part: string): void => {
      text += part
      if (!text.includes('"engineId"')) return
      socket.off('data', onGreeting)
      listen(socket)
      resolve()
    }
    socket.setEncoding('latin1').on('data', onGreeting)
  })
}

function listen(socket: Socket): void {
  socket.on('data', (text: string) => {
    const at = performance.timeOrigin + performance.now()
    messages += text.split('"percent":').length - 1
    for (const [, finishedAt = ''] of text.matchAll(/"status":"succeeded"[^{}]*"finishedAt":"([^"]+)"/g))
      delays.push(at - Date.parse(finishedAt))
  })
}

function streamRequest(topic: string): string {
  return `GET /api/engine/events?topics=${topic} HTTP/1.1\r\nHost: localhost\r\n\r\n`
}

function upgradeRequest(topic: string): string {
  return (
    `GET /api/engine/ws?topics=${topic} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
  )
}
