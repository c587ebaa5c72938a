import { describe, expect, it } from 'vitest'

import { AnswerOrder } from './answer-order.ts'

describe('AnswerOrder', () => {
  it('holds an answer back until those before it are there', () => {
    const order = new AnswerOrder()
    const given: string[] = []
    const [a, b, c] = [order.ask(), order.ask(), order.ask()]
    b(() => given.push('b'))
    c(() => given.push('c'))
    expect(given).toEqual([])
    a(() => given.push('a'))
    expect(given).toEqual(['a', 'b', 'c'])
  })

  it('keeps the order when acting on an answer brings the next one', () => {
    const order = new AnswerOrder()
    const given: string[] = []
    const [a, b, c] = [order.ask(), order.ask(), order.ask()]
    c(() => given.push('c'))
    a(() => {
      given.push('a')
      b(() => given.push('b'))
    })
    expect(given).toEqual(['a', 'b', 'c'])
  })
})
