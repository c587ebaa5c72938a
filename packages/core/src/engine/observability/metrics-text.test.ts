import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { Buckets, noneCounted, SeriesTable } from './metric-series.ts'
import { MetricsText, samplesOf } from './metrics-text.ts'

/** Reads one sample line as the format describes it. */
function parseLine(line: string): { name: string; labels: Record<string, string>; value: string } {
  const [, name = '', inside = '', value = ''] = /^([a-z_]+)(?:\{([^\n]*)\})? (\S+)$/u.exec(line) ?? []
  const pairs = [...inside.matchAll(/([a-z]+)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/gu)]
  expect(pairs.map(([pair]) => pair).join('')).toBe(inside)
  const unescape = (text: string): string =>
    text.replaceAll(/\\([\\n"])/gu, (_, char) => (char === 'n' ? '\n' : String(char)))
  return { name, labels: Object.fromEntries(pairs.map(([, key = '', text = '']) => [key, unescape(text)])), value }
}

const bounds = [1, 2, 5]

describe('MetricsText', () => {
  it('writes a counter with its help, its type and its labels', () => {
    const table = new SeriesTable(['flow', 'status'], noneCounted)
    table.of('nightly', 'failed').value = 3
    const text = new MetricsText().counter(
      'runs_total',
      'Runs.',
      samplesOf(table, ({ value }) => value),
    )
    expect(text.toString()).toBe(
      '# HELP runs_total Runs.\n# TYPE runs_total counter\nruns_total{flow="nightly",status="failed"} 3\n',
    )
  })

  it('leaves out what has no samples', () => {
    expect(new MetricsText().gauge('nothing', 'Nothing.', []).toString()).toBe('')
  })

  it('escapes backslashes, quotes and line breaks, so that a label reads back as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('\\', '"', '\n', '\r', ',', '{}'), (text, odd) => {
        const label = text + odd
        const written = new MetricsText().gauge('one', 'One.', [{ labels: { flow: label }, value: 1 }]).toString()
        const lines = written.split('\n')
        expect(lines).toHaveLength(4)
        expect(parseLine(lines[2] ?? '').labels).toEqual({ flow: label.toWellFormed() })
      }),
    )
  })

  it('writes numbers as the format spells them', () => {
    const samples = [Infinity, -Infinity, Number.NaN, 0.25].map((value) => ({ value }))
    expect(new MetricsText().gauge('n', 'N.', samples).toString().split('\n').slice(2, 6)).toEqual([
      'n +Inf',
      'n -Inf',
      'n NaN',
      'n 0.25',
    ])
  })

  it('writes cumulative buckets: each holds all values up to its bound, the last all of them', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 10, noNaN: true })), (values) => {
        const table = new SeriesTable(['flow'], () => new Buckets(bounds))
        for (const value of values) table.of('a').observe(value)
        table.of('a')
        const text = new MetricsText().histogram('h', 'H.', table, (buckets) => buckets)
        const samples = text.toString().trim().split('\n').slice(2).map(parseLine)
        const buckets = samples.filter(({ name }) => name === 'h_bucket')
        expect(buckets.map(({ labels }) => labels['le'])).toEqual(['1', '2', '5', '+Inf'])
        const expected = [...bounds, Infinity].map((bound) => values.filter((value) => value <= bound).length)
        expect(buckets.map(({ value }) => Number(value))).toEqual(expected)
        const [sum, count] = samples.slice(-2)
        expect([sum?.name, count?.name]).toEqual(['h_sum', 'h_count'])
        expect(Number(count?.value)).toBe(values.length)
        expect(Number(sum?.value)).toBeCloseTo(values.reduce((total, value) => total + value, 0))
      }),
    )
  })
})

describe('SeriesTable', () => {
  it('counts what is beyond its bound together as "other"', () => {
    const table = new SeriesTable(['task'], noneCounted, 2)
    for (const name of ['a', 'b', 'c', 'd', 'a']) table.of(name).value++
    expect(table.all().map(({ labels, series }) => [...labels, series.value])).toEqual([
      ['a', 2],
      ['b', 1],
      ['other', 2],
    ])
  })
})

describe('Buckets', () => {
  it('counts a negative value, as after a clock was set back, as nothing', () => {
    const buckets = new Buckets(bounds)
    buckets.observe(-5)
    expect([buckets.sum, buckets.counts[0]]).toEqual([0, 1])
  })
})
