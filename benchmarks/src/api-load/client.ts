// The thread that asks: so many requests at a time, each timed; an answer that is no success ends it.
import { Agent, request } from 'node:http'
import { parentPort } from 'node:worker_threads'

import { quantile } from '../harness/statistics.ts'

/** What is asked. */
export interface Requests {
  readonly port: number
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly count: number
  readonly lanes: number
}

/** How fast it was answered. */
export interface Timing {
  readonly perSecond: number
  readonly p99Ms: number
}

const BODY = JSON.stringify({ input: 1, configuration: 'release' })
const agent = new Agent({ keepAlive: true })

parentPort?.on('message', (requests: Requests) => void ask(requests).then((timing) => parentPort?.postMessage(timing)))

async function ask(requests: Requests): Promise<Timing> {
  const times: number[] = []
  let left = requests.count
  const lane = async (): Promise<void> => {
    while (left-- > 0) {
      const began = performance.now()
      await once(requests)
      times.push(performance.now() - began)
    }
  }
  const began = performance.now()
  await Promise.all(Array.from({ length: requests.lanes }, lane))
  return { perSecond: (requests.count / (performance.now() - began)) * 1000, p99Ms: quantile(times, 0.99) }
}

function once({ port, method, path }: Requests): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = method === 'POST' ? { 'content-type': 'application/json', 'content-length': BODY.length } : {}
    const sent = request({ agent, host: '127.0.0.1', port, method, path, headers }, (response) => {
      if ((response.statusCode ?? 500) >= 300) reject(new Error(`${path} answers with ${String(response.statusCode)}.`))
      response.resume()
      response.once('end', resolve)
    })
    sent.once('error', reject)
    sent.end(method === 'POST' ? BODY : undefined)
  })
}
