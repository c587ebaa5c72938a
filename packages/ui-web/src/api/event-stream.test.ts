import { describe, expect, test } from 'vitest'

import { readEventStream, type StreamBlock } from './event-stream.ts'

/** Reads a stream that arrives in the given pieces. */
async function read(...pieces: string[]): Promise<readonly StreamBlock[]> {
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(encoder.encode(piece))
      controller.close()
    },
  })
  return Array.fromAsync(readEventStream(body))
}

describe('readEventStream()', () => {
  test('reads id, name and data of an event', async () => {
    expect(await read('id: eng:4\nevent: run.updated\ndata: {"a":1}\n\n')).toEqual([
      { kind: 'event', id: 'eng:4', event: 'run.updated', data: '{"a":1}' },
    ])
  })

  test('joins lines of data and takes one space after the colon away', async () => {
    expect(await read('data:  a\ndata:b\n\n')).toEqual([{ kind: 'event', id: null, event: 'message', data: ' a\nb' }])
  })

  test('gives the same events however the bytes are cut', async () => {
    const text = 'event: hello\r\ndata: ü\r\n\r\n: alive\r\n\r\nid: 2\r\nevent: x\r\ndata: 1\r\n\r\n'
    const whole = await read(text)
    expect(await read(...text.split(''))).toEqual(whole)
    expect(whole).toHaveLength(3)
  })

  test('says a comment, and a block with nothing but a retry, as signs of life', async () => {
    expect(await read(': keep\n\nretry: 2000\n\n')).toEqual([{ kind: 'comment' }, { kind: 'comment' }])
  })

  test('drops a block that the end cuts off', async () => {
    expect(await read('event: a\ndata: 1\n')).toEqual([])
  })
})
