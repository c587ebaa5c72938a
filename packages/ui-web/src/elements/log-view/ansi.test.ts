import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { parseAnsi, stripAnsi } from './ansi.ts'

const ESC = '\u001B'

describe('parseAnsi()', () => {
  test('gives a plain line as one run', () => {
    expect(parseAnsi('plain text')).toMatchObject([{ text: 'plain text', foreground: -1, isBold: false }])
  })

  test('reads colours and weights until they are reset', () => {
    expect(parseAnsi(`a${ESC}[1;31mb${ESC}[0mc${ESC}[92md${ESC}[39;4me`)).toMatchObject([
      { text: 'a', foreground: -1, isBold: false },
      { text: 'b', foreground: 1, isBold: true },
      { text: 'c', foreground: -1, isBold: false },
      { text: 'd', foreground: 10 },
      { text: 'e', foreground: -1, isUnderlined: true },
    ])
  })

  test('reads 256 colours and true colours', () => {
    const runs = parseAnsi(`${ESC}[38;5;9ma${ESC}[38;5;196mb${ESC}[48;2;1;2;3mc${ESC}[38;5;232md`)
    expect(runs.map(({ foreground, background }) => [foreground, background])).toEqual([
      [9, -1],
      [16 + 0xff0000, -1],
      [16 + 0xff0000, 16 + 0x010203],
      [16 + 0x080808, 16 + 0x010203],
    ])
  })

  test('shows what a carriage return left on the line', () => {
    expect(stripAnsi('10%\r50%\r100%')).toBe('100%')
    expect(stripAnsi('done\r')).toBe('done')
  })

  test('drops titles, links, cursor movements and unfinished sequences', () => {
    const link = `${ESC}]8;;javascript:alert(1)${ESC}\\click${ESC}]8;;${ESC}\\`
    expect(stripAnsi(`${ESC}]0;title\u0007${link}${ESC}[2J${ESC}[10;5H!${ESC}[`)).toBe('click!')
  })

  test('marks characters that turn the direction of text around', () => {
    expect(stripAnsi('if (admin\u202E) { // ')).toBe('if (admin\uFFFD) { // ')
  })

  test('leaves no control character in any text', () => {
    const control = /[\u0000-\u0008\u000A-\u001F\u007F-\u009F]/ // eslint-disable-line no-control-regex
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(`${ESC}[`, `${ESC}]`, `${ESC}P`, '\u0007', '\r', `${ESC}[38;5`, 'm'),
    )
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        expect(control.test(stripAnsi(pieces.join('').replaceAll('\n', '')))).toBe(false)
      }),
    )
  })

  test('reads a hostile line in time', () => {
    const start = performance.now()
    stripAnsi(`${ESC}[`.repeat(100_000))
    stripAnsi(`${ESC}]${'x'.repeat(200_000)}`)
    stripAnsi(`${ESC}P`.repeat(50_000))
    expect(performance.now() - start).toBeLessThan(1000)
  })
})
