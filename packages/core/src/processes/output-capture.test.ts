import { describe, expect, test } from 'vitest'

import { ManualClock } from '../testing/manual-clock.ts'
import type { ClientLogView } from './client-view.ts'
import { OutputCapture } from './output-capture.ts'

interface Captured {
  readonly clock: ManualClock
  readonly capture: OutputCapture
  readonly batches: (readonly ClientLogView[])[]
  readonly write: (text: string, stream?: 'stdout' | 'stderr') => void
}

function captureWith(limits: { maxLines?: number } = {}): Captured {
  const clock = new ManualClock()
  const batches: (readonly ClientLogView[])[] = []
  const capture = new OutputCapture({ clock, ...limits, publish: (lines) => void batches.push(lines) })
  return { clock, capture, batches, write: (text, stream = 'stdout') => capture.write(stream, Buffer.from(text)) }
}

const texts = (lines: readonly ClientLogView[]): string[] => lines.map((line) => line.text)

describe('OutputCapture', () => {
  test('numbers the lines of both streams together', () => {
    const { capture, write } = captureWith()
    write('one\nhal')
    write('warning\n', 'stderr')
    write('f\n')
    expect(capture.lastLines).toEqual([
      { seq: 1, at: '2027-01-15T08:00:00.000Z', stream: 'stdout', text: 'one' },
      { seq: 2, at: '2027-01-15T08:00:00.000Z', stream: 'stderr', text: 'warning' },
      { seq: 3, at: '2027-01-15T08:00:00.000Z', stream: 'stdout', text: 'half' },
    ])
  })

  test('publishes at most one batch in 100 ms', async () => {
    const { clock, batches, write } = captureWith()
    write('one\n')
    await clock.advance(60)
    write('two\n')
    expect(batches).toEqual([])
    await clock.advance(40)
    write('three\n')
    expect(batches.map(texts)).toEqual([['one', 'two']])
    await clock.advance(100)
    expect(batches.map(texts)).toEqual([['one', 'two'], ['three']])
    await clock.advance(1000)
    expect(batches).toHaveLength(2)
  })

  test('publishes only the newest lines of a flood', async () => {
    const { clock, capture, batches, write } = captureWith({ maxLines: 500 })
    write('x\n'.repeat(10_000))
    await clock.advance(100)
    expect(batches.map((lines) => [lines.length, lines.at(-1)?.seq])).toEqual([[200, 10_000]])
    expect(capture.dropped).toBe(9500)
  })

  test('shows a prompt that nothing follows', async () => {
    const { clock, capture, write } = captureWith()
    write('Password: ')
    await clock.advance(299)
    expect(capture.lastLines).toEqual([])
    await clock.advance(1)
    expect(texts(capture.lastLines)).toEqual(['Password: '])
  })

  test('does not cut a line that is written in parts', async () => {
    const { clock, capture, write } = captureWith()
    for (const part of ['load', 'ing', '\n']) {
      write(part)
      await clock.advance(200)
    }
    expect(texts(capture.lastLines)).toEqual(['loading'])
  })

  test('shows a progress bar every five seconds and at its end', async () => {
    const { clock, capture, write } = captureWith()
    for (let percent = 0; percent < 100; percent++) {
      write(`\r${String(percent)} %`)
      await clock.advance(100)
    }
    write('\r100 %\n')
    expect(texts(capture.lastLines)).toEqual(['49 %', '99 %', '100 %'])
  })

  test('ends unfinished lines with the process and publishes at once', async () => {
    const { clock, capture, batches, write } = captureWith()
    write('last words')
    write('error: no', 'stderr')
    capture.end('exited with code 1')
    expect(batches.map(texts)).toEqual([['last words', 'error: no', 'exited with code 1']])
    await clock.advance(10_000)
    expect(batches).toHaveLength(1)
  })
})
