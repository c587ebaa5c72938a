import { describe, expect, it } from 'vitest'

import { AnswerOrder } from './answer-order.ts'

/** Answers by name, and what was given so far. */
function answers(names: readonly string[]) {
  const order = new AnswerOrder()
  const given: string[] = []
  const open = new Map(names.map((name) => [name, Promise.withResolvers<string>()]))
  for (const [name, { promise }] of open)
    order.wait(promise).then(
      () => given.push(name),
      () => given.push(`${name} failed`),
    )
  const settle = async (): Promise<readonly string[]> => {
    await new Promise((resolve) => setImmediate(resolve))
    return given
  }
  return { open, settle }
}

describe('AnswerOrder', () => {
  it('holds an answer back until those before it are there', async () => {
    const { open, settle } = answers(['a', 'b', 'c'])
    open.get('b')?.resolve('b')
    open.get('c')?.resolve('c')
    expect(await settle()).toEqual([])
    open.get('a')?.resolve('a')
    expect(await settle()).toEqual(['a', 'b', 'c'])
  })

  it('does not let a failed answer hold the others back', async () => {
    const { open, settle } = answers(['a', 'b'])
    open.get('b')?.resolve('b')
    open.get('a')?.reject(new Error('away'))
    expect([...(await settle())].toSorted()).toEqual(['a failed', 'b'])
  })
})
