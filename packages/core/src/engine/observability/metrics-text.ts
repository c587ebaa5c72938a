/*
 * The text format of Prometheus, version 0.0.4.
 * Source: https://prometheus.io/docs/instrumenting/exposition_formats/
 */
import type { Buckets, LabelledSeries, SeriesTable } from './metric-series.ts'

type Labels = Readonly<Record<string, string>>

/** One line of a metric. */
export interface Sample {
  readonly labels?: Labels
  readonly value: number
}

/** Builds the text, one metric after the other. A metric without samples is left out. */
export class MetricsText {
  readonly #lines: string[] = []

  /** A number that only grows. Its name ends in `_total`. */
  counter(name: string, help: string, samples: readonly Sample[]): this {
    return this.#metric('counter', name, help, samples)
  }

  /** A number as it is now. */
  gauge(name: string, help: string, samples: readonly Sample[]): this {
    return this.#metric('gauge', name, help, samples)
  }

  /** Counted values in buckets; each bucket holds those below it too. */
  histogram<S>(name: string, help: string, table: SeriesTable<S>, read: (series: S) => Buckets): this {
    const all = table.all()
    if (all.length === 0) return this
    this.#head('histogram', name, help)
    for (const { labels, series } of all) this.#buckets(name, toLabels(table.labelNames, labels), read(series))
    return this
  }

  /** All of it; ends in a line break. */
  toString(): string {
    return this.#lines.map((line) => `${line}\n`).join('')
  }

  #metric(type: 'counter' | 'gauge', name: string, help: string, samples: readonly Sample[]): this {
    if (samples.length === 0) return this
    this.#head(type, name, help)
    for (const { labels = {}, value } of samples) this.#sample(name, labels, value)
    return this
  }

  #head(type: string, name: string, help: string): void {
    this.#lines.push(`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${type}`)
  }

  #sample(name: string, labels: Labels, value: number): void {
    this.#lines.push(`${name}${labelsText(labels)} ${numberText(value)}`)
  }

  #buckets(name: string, labels: Labels, { bounds, counts, sum }: Buckets): void {
    let count = 0
    for (const [index, bound] of [...bounds, Infinity].entries()) {
      count += counts[index] ?? 0
      this.#sample(`${name}_bucket`, { ...labels, le: numberText(bound) }, count)
    }
    this.#sample(`${name}_sum`, labels, sum)
    this.#sample(`${name}_count`, labels, count)
  }
}

/** Samples of a table of counts. */
export function samplesOf<S>(table: SeriesTable<S>, read: (series: S) => number): readonly Sample[] {
  return table.all().map((entry: LabelledSeries<S>) => ({
    labels: toLabels(table.labelNames, entry.labels),
    value: read(entry.series),
  }))
}

function toLabels(names: readonly string[], values: readonly string[]): Labels {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']))
}

function labelsText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

// A lone surrogate has no place in UTF-8.
function escapeLabel(value: string): string {
  return value
    .toWellFormed()
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll('\n', String.raw`\n`)
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', String.raw`\\`).replaceAll('\n', String.raw`\n`)
}

function numberText(value: number): string {
  if (value === Infinity) return '+Inf'
  return value === -Infinity ? '-Inf' : String(value)
}
