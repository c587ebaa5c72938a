import { afterEach, describe, expect, test } from 'vitest'

import { eventually, javascript, realClients, stopRealClients, type RealClients } from './real-processes.ts'

afterEach(stopRealClients)

// Writes respecting the pipe, and ends when all of it has been taken.
const WRITE = `const fs = require('node:fs');
  const put = (data) => { for (let at = 0; at < data.length;) {
    try { at += fs.writeSync(1, data, at) } catch (error) { if (error.code !== 'EAGAIN') throw error } } };`

async function runToEnd(code: string): Promise<RealClients> {
  const clients = realClients({ worker: javascript(`${WRITE} ${code}`) })
  await clients.processes.start('worker')
  await eventually(() => clients.exited.length === 1, 'the end of the process', 60_000)
  return clients
}

const stdout = (clients: RealClients): string[] =>
  clients.lines.filter((line) => line.stream === 'stdout').map((line) => line.text)

describe('F-18 the output of a client process', { timeout: 60_000 }, () => {
  test('is complete when its end is told', async () => {
    const clients = await runToEnd(`put(Buffer.from('one\\ntwo\\r\\nthree')); process.stderr.write('oh\\n')`)
    expect(stdout(clients)).toEqual(['one', 'two', 'three'])
    expect(clients.lines).toContainEqual(expect.objectContaining({ stream: 'stderr', text: 'oh' }))
  })

  test('keeps characters whole, marks invalid bytes and shows the last state of a progress bar', async () => {
    const thumb = `const thumb = Buffer.from('👍\\n'); put(thumb.subarray(0, 2)); setTimeout(() => { put(thumb.subarray(2));`
    const clients = await runToEnd(
      `${thumb} put(Buffer.from([0x61, 0xff, 0, 10])); put(Buffer.from('1 %\\r2 %\\r3 %\\n')) }, 50)`,
    )
    expect(stdout(clients)).toEqual(['👍', 'a\uFFFD\u2400', '3 %'])
  })

  test('of 50 MB without a line end is cut', async () => {
    const clients = await runToEnd(`const piece = Buffer.alloc(1e6, 'x'); for (let n = 0; n < 50; n++) put(piece)`)
    const [line = '', ...others] = stdout(clients)
    expect(others).toEqual([])
    expect(line).toHaveLength(16_384 + ' … [49983616 more bytes]'.length)
    expect(line.endsWith(' … [49983616 more bytes]')).toBe(true)
  })

  test('of 100 MB in short lines neither fills the memory nor holds the host up', async () => {
    let longestTurnMs = 0
    let peakBytes = 0
    let last = performance.now()
    const before = process.memoryUsage().rss
    const watch = setInterval(() => {
      longestTurnMs = Math.max(longestTurnMs, performance.now() - last)
      last = performance.now()
      peakBytes = Math.max(peakBytes, process.memoryUsage().rss - before)
    }, 5)
    const clients = await runToEnd(
      `const piece = Buffer.from('short\\n'.repeat(20_000)); for (let n = 0; n < 834; n++) put(piece)`,
    )
    clearInterval(watch)
    expect(clients.view()).toMatchObject({ status: 'stopped' })
    expect(clients.view().logs.at(-2)?.seq).toBe(834 * 20_000 + 1)
    expect(peakBytes).toBeLessThan(150e6)
    expect(longestTurnMs).toBeLessThan(500)
  })
})
