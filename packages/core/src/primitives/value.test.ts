import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { decodeValue, encodeValue } from './value.ts'

const roundTrip = (value: unknown): unknown => decodeValue(encodeValue(value, 'value'))

describe('encodeValue()', () => {
  it('keeps plain JSON plain, so that other languages read it', () => {
    expect(encodeValue({ a: [1, 'x', null, true] }, 'value')).toBe('{"a":[1,"x",null,true]}')
  })

  it.each([
    ['a date', new Date('2026-11-22T01:02:03.004Z')],
    ['an invalid date', new Date(Number.NaN)],
    ['a map with object keys', new Map([[{ a: 1 }, new Set([1, 2])]])],
    ['a bigint', 2n ** 70n],
    ['bytes', new Uint8Array([0, 255, 7])],
    ['undefined', undefined],
    ['not a number', Number.NaN],
    ['infinity', -Infinity],
    ['minus zero', -0],
    ['an object that looks like one of our tags', { $type: 'date', value: 'x' }],
    ['a key that is the name of the prototype', JSON.parse('{"__proto__":{"a":1}}') as unknown],
  ])('gives %s back as it was', (_title, value) => {
    expect(roundTrip({ value })).toEqual({ value })
  })

  it('gives an error back with its name, code and causes', () => {
    const error = new RangeError('too far', { cause: Object.assign(new Error('disk'), { code: 'EIO' }) })
    const back = roundTrip(error)
    expect(back).toMatchObject({ name: 'RangeError', message: 'too far', cause: { message: 'disk', code: 'EIO' } })
  })

  it('is undone by decodeValue() for every structured value', () => {
    const leaf = fc.oneof(fc.jsonValue(), fc.bigInt(), fc.date(), fc.double(), fc.constant(undefined), fc.uint8Array())
    const tree = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('node')),
        fc.array(fc.tuple(fc.string(), tie('node'))).map((entries) => new Map(entries)),
        fc.dictionary(
          fc.string(),
          tie('node').filter((value) => value !== undefined),
        ),
      ),
    })).node
    fc.assert(
      fc.property(tree, (value) => {
        expect(roundTrip(value)).toEqual(value)
      }),
    )
  })

  it.each([
    [
      'a cycle',
      (): unknown => {
        const a: unknown[] = []
        a.push(a)
        return { a }
      },
      /At "a\[0\]" it is a reference to an object that contains it/,
    ],
    ['a function', () => ({ run: () => 1 }), /At "run" it is a function/],
    [
      'an instance of a class',
      () => [
        new (class Account {
          owner = 'a'
        })(),
      ],
      /At "\[0\]" it is an instance of Account/,
    ],
    ['a promise', () => Promise.resolve(1), /an instance of Promise/],
    [
      'too many levels',
      () => Array.from({ length: 600 }).reduce<unknown>((inner) => [inner], 1),
      /nested deeper than 500 levels/,
    ],
  ])('refuses %s and names its place', (_title, make, message) => {
    expect(() => encodeValue(make(), 'result of task "a"')).toThrow(
      expect.objectContaining({ code: 'VALUE_UNSERIALIZABLE', message: expect.stringMatching(message) as string }),
    )
  })
})
