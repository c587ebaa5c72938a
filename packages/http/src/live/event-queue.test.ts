import { describe, expect, it } from 'vitest'

import type { EventFrame } from './event-frame.ts'
import { EventQueue } from './event-queue.ts'

function frameOf(text: string, key: string | null = null): EventFrame {
  return { key, bytes: () => Buffer.from(text) } as unknown as EventFrame
}

const RESET = frameOf('RESET')

function queueOf(maxBytes: number): EventQueue {
  return new EventQueue('sse', maxBytes, () => RESET)
}

/** A frame of 10 bytes. */
function frame(name: string, key: string | null = null): EventFrame {
  return frameOf(name.padEnd(10, '.'), key)
}

function taken(queue: EventQueue, maxBytes = 1e6): string {
  return Buffer.concat(queue.take(maxBytes)).toString()
}

function names(queue: EventQueue): string[] {
  return (taken(queue).match(/RESET|.{10}/g) ?? []).map((text) => text.replace(/\.+$/, ''))
}

describe('EventQueue', () => {
  it('gives frames in the order in which they came', () => {
    const queue = queueOf(100)
    for (const name of ['a', 'b', 'c']) queue.push(frame(name, 'same'))
    expect([queue.isEmpty, queue.bytes]).toEqual([false, 30])
    expect(names(queue)).toEqual(['a', 'b', 'c'])
    expect([queue.isEmpty, queue.bytes, queue.take(100)]).toEqual([true, 0, []])
  })

  it('gives at least one frame, and no more than fit', () => {
    const queue = queueOf(100)
    for (const name of ['a', 'b', 'c']) queue.push(frame(name))
    expect(taken(queue, 1)).toHaveLength(10)
    expect(taken(queue, 29)).toHaveLength(20)
  })

  it('keeps only the newest of each key once it is full', () => {
    const queue = queueOf(40)
    for (const name of ['a1', 'b1', 'x', 'a2']) queue.push(frame(name, name === 'x' ? null : name[0]))
    queue.push(frame('b2', 'b'))
    expect(queue.bytes).toBe(30)
    for (const name of ['a3', 'a4', 'b3']) queue.push(frame(name, name[0]))
    expect(names(queue)).toEqual(['x', 'a4', 'b3'])
  })

  it('keeps all again after the reader has caught up', () => {
    const queue = queueOf(20)
    for (const name of ['a1', 'a2', 'a3']) queue.push(frame(name, 'a'))
    expect(names(queue)).toEqual(['a3'])
    for (const name of ['a4', 'a5']) queue.push(frame(name, 'a'))
    expect(names(queue)).toEqual(['a4', 'a5'])
  })

  it('drops everything for a reset when the newest alone do not fit, and goes on after it', () => {
    const queue = queueOf(30)
    for (const name of ['a', 'b', 'c', 'd']) queue.push(frame(name, name))
    expect(queue.bytes).toBe(5)
    queue.push(frame('e', 'e'))
    expect(names(queue)).toEqual(['RESET', 'e'])
  })

  it('takes the same frame twice', () => {
    const queue = queueOf(100)
    const shared = frame('a', 'a')
    queue.push(shared)
    queue.push(shared)
    expect(names(queue)).toEqual(['a', 'a'])
    expect(queue.bytes).toBe(0)
  })

  it('never holds more than its bound and one reset, whatever comes', () => {
    const queue = queueOf(100)
    for (let count = 0; count < 1000; count++) {
      queue.push(frameOf('x'.repeat((count * 7) % 90), count % 3 === 0 ? null : `k${String(count % 20)}`))
      expect(queue.bytes).toBeLessThanOrEqual(100 + RESET.bytes('sse').length)
      if (count % 11 === 0) queue.take(40)
    }
  })
})
