import fc from 'fast-check'
import { describe, test } from 'vitest'

import { LineSplitter } from '../../src/processes/line-splitter.ts'

const MAX_LINE_BYTES = 24

function split(chunks: readonly Uint8Array[]): string[] {
  const lines: string[] = []
  const splitter = new LineSplitter((text) => void lines.push(text), { maxLineBytes: MAX_LINE_BYTES })
  for (const chunk of chunks) splitter.write(chunk)
  splitter.end()
  return lines
}

function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const borders = [0, ...places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  return borders.slice(1).map((border, index) => bytes.subarray(borders[index], border))
}

const piece = fc.oneof(
  fc.constantFrom('\n', '\r', '\r\n', '\0', '👍', 'é', '€', '10 %\r', '\u001B[31mred'),
  fc.string({ unit: 'binary', maxLength: 40 }),
)
const output = fc.oneof(
  fc.array(piece, { maxLength: 30 }).map((pieces) => new Uint8Array(Buffer.from(pieces.join('')))),
  fc.uint8Array({ maxLength: 200 }),
)

describe('F-18 LineSplitter', () => {
  test('gives the same lines however the output is cut into chunks', () => {
    fc.assert(
      fc.property(output, fc.array(fc.nat(10_000), { maxLength: 20 }), (bytes, places) => {
        const whole = split([bytes])
        const inPieces = split(cutAt(bytes, places))
        return JSON.stringify(whole) === JSON.stringify(inPieces)
      }),
    )
  })

  test('gives as many lines as there are ends, and none longer than the limit', () => {
    fc.assert(
      fc.property(output, (bytes) => {
        const lines = split([bytes])
        const ends = bytes.filter((byte) => byte === 0x0a).length
        const fits = lines.every((line) => line.replace(/ … \[\d+ more bytes\]$/, '').length <= MAX_LINE_BYTES)
        return fits && lines.length >= ends && lines.length <= ends + 1
      }),
    )
  })

  test('gives plain lines back as they were', () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 5 }).filter((text) => !/[\r\n\0]/.test(text))
    fc.assert(
      fc.property(fc.array(line.filter((text) => Buffer.byteLength(text) <= MAX_LINE_BYTES)), (lines) => {
        const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''))
        return JSON.stringify(split([bytes])) === JSON.stringify(lines)
      }),
    )
  })
})
