import { describe, expect, test } from 'vitest'

import { LineSplitter } from './line-splitter.ts'

function split(chunks: readonly (string | Uint8Array)[], maxLineBytes?: number): string[] {
  const lines: string[] = []
  const splitter = new LineSplitter((text) => void lines.push(text), maxLineBytes === undefined ? {} : { maxLineBytes })
  for (const chunk of chunks) splitter.write(Buffer.from(chunk))
  splitter.end()
  return lines
}

describe('LineSplitter', () => {
  test('ends lines at \\n and at \\r\\n', () => {
    expect(split(['one\ntwo\r\n\nfour'])).toEqual(['one', 'two', '', 'four'])
  })

  test('joins a line that comes in pieces', () => {
    expect(split(['he', 'llo\r', '\nwor', 'ld\n'])).toEqual(['hello', 'world'])
  })

  test('keeps a character that is cut by a chunk border', () => {
    const bytes = Buffer.from('a👍é\n')
    const pieces = [...bytes].map((byte) => Uint8Array.of(byte))
    expect(split(pieces)).toEqual(['a👍é'])
  })

  test('shows invalid bytes as U+FFFD and NUL as its picture', () => {
    expect(split([Uint8Array.of(0x61, 0xff, 0xc3, 0x0a)])).toEqual(['a\uFFFD\uFFFD'])
    expect(split(['a\0b\n'])).toEqual(['a\u2400b'])
  })

  test('keeps the last state of a progress bar', () => {
    expect(split(['\r10 %', '\r', '55 %\r100 %\n', 'done\r\n'])).toEqual(['100 %', 'done'])
    expect(split(['10 %\r20 %\r'])).toEqual(['20 %'])
  })

  test('takes several \\r before \\n as one end', () => {
    expect(split(['text\r\r\nnext\n'])).toEqual(['text', 'next'])
  })

  test('cuts a long line at a character and says how much is missing', () => {
    expect(split(['abcdefgh\nok\n'], 6)).toEqual(['abcdef … [2 more bytes]', 'ok'])
    expect(split(['abcd👍ef\n'], 6)).toEqual(['abcd … [6 more bytes]'])
    expect(split(['abcdef\n'], 6)).toEqual(['abcdef'])
  })

  test('starts a cut line anew after \\r', () => {
    expect(split(['abcdefgh\rshort\n'], 6)).toEqual(['short'])
  })

  test('keeps a line of 50 MB in a few kilobytes', () => {
    const chunk = Buffer.alloc(1_048_576, 'x')
    const lines = split([...Array.from({ length: 50 }, () => chunk), '\nafter\n'])
    expect(lines.map((line) => line.length)).toEqual([16_384 + ' … [52412416 more bytes]'.length, 5])
  })
})

describe('LineSplitter.flushPartial()', () => {
  test('gives out a prompt once', () => {
    const lines: string[] = []
    const splitter = new LineSplitter((text) => void lines.push(text))
    splitter.write(Buffer.from('Name? '))
    splitter.flushPartial()
    splitter.flushPartial()
    splitter.write(Buffer.from('\nnext\n'))
    expect(lines).toEqual(['Name? ', 'next'])
  })

  test('keeps half a character back', () => {
    const lines: string[] = []
    const splitter = new LineSplitter((text) => void lines.push(text))
    const thumb = Buffer.from('👍')
    splitter.write(Buffer.concat([Buffer.from('so '), thumb.subarray(0, 3)]))
    splitter.flushPartial()
    splitter.write(Buffer.concat([thumb.subarray(3), Buffer.from('\n')]))
    expect(lines).toEqual(['so ', '👍'])
  })
})
