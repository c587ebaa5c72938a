/* Extract, transform, load on real data: four years of daily weather become a table of months in an SQLite file. */
import { readFile } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'

import { current, flow, step, task, type Flow } from '@perfect/core'
import { z } from 'zod'

interface Day {
  readonly date: string
  readonly rainMm: number
  readonly maxC: number
  readonly minC: number
  readonly windMs: number
}

interface Month {
  readonly month: string
  readonly days: number
  readonly rainMm: number
  readonly meanC: number
  readonly hottestC: number
}

const SOURCE = new URL('../../data/seattle-weather.csv', import.meta.url)
const CHUNKS = 12

const extract = task('extract', { weight: 2, estimatedTime: '500ms', retry: 3 }, async (paceMs: number) => {
  const text = await readFile(SOURCE, 'utf8')
  const days = text
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line): Day => {
      const [date = '', rain, max, min, wind] = line.split(',')
      return { date, rainMm: Number(rain), maxC: Number(max), minC: Number(min), windMs: Number(wind) }
    })
  await pause(paceMs, undefined, { signal: current().signal })
  current().log.info(`read ${String(days.length)} days`, { from: days[0]?.date, to: days.at(-1)?.date })
  return days
})

const validate = task(
  'validate',
  { weight: 1, estimatedTime: '300ms' },
  async (days: readonly Day[], paceMs: number) => {
    const { log, signal } = current()
    const isSound = (day: Day): boolean => day.minC <= day.maxC && day.rainMm >= 0 && day.date.length === 10
    const sound = days.filter((day) => {
      if (!isSound(day)) log.warn(`left out ${day.date}: lowest ${String(day.minC)} °C, highest ${String(day.maxC)} °C`)
      return isSound(day)
    })
    await pause(paceMs, undefined, { signal })
    log.info(`${String(sound.length)} of ${String(days.length)} days are sound`)
    return sound
  },
)

const transform = task(
  'transform',
  { weight: 4, estimatedTime: '2s' },
  async (days: readonly Day[], paceMs: number) => {
    const { log, progress, signal } = current()
    const months = Object.entries(Object.groupBy(days, ({ date }) => date.slice(0, 7)))
    const result: Month[] = []
    for (const [index, [month, inMonth = []]] of months.entries()) {
      result.push(summarise(month, inMonth))
      log.debug(`${month}: ${String(inMonth.length)} days`)
      progress((index + 1) / months.length, month)
      if (index % Math.ceil(months.length / CHUNKS) === 0) await pause(paceMs, undefined, { signal })
    }
    log.info(`made ${String(result.length)} months of ${String(days.length)} days`)
    return result
  },
)

function summarise(month: string, days: readonly Day[]): Month {
  const sum = (of: (day: Day) => number): number => days.reduce((total, day) => total + of(day), 0)
  return {
    month,
    days: days.length,
    rainMm: Math.round(sum(({ rainMm }) => rainMm) * 10) / 10,
    meanC: Math.round((sum(({ maxC, minC }) => (maxC + minC) / 2) / days.length) * 10) / 10,
    hottestC: Math.max(...days.map(({ maxC }) => maxC)),
  }
}

const load = task('load', { weight: 3, estimatedTime: '1s', retry: 3 }, (months: readonly Month[], file: string) => {
  const database = new DatabaseSync(file)
  try {
    database.exec(
      'CREATE TABLE IF NOT EXISTS month(month TEXT PRIMARY KEY, days INTEGER, rain_mm REAL, mean_c REAL, hottest_c REAL) STRICT; BEGIN',
    )
    // Replacing makes the task safe to run again after a crash.
    const insert = database.prepare('INSERT OR REPLACE INTO month VALUES (?, ?, ?, ?, ?)')
    for (const { month, days, rainMm, meanC, hottestC } of months) insert.run(month, days, rainMm, meanC, hottestC)
    database.exec('COMMIT')
  } finally {
    database.close()
  }
  current().log.info(`wrote ${String(months.length)} rows`, { file })
  return months.length
})

const Input = z.object({
  paceMs: z
    .number()
    .int()
    .min(0)
    .max(5000)
    .default(120)
    .describe('Pause after each chunk, in milliseconds, so that there is something to watch. 0 in real life.'),
})

/** The ETL flow; writes its table to `file`. */
export function weatherEtl(file: string): Flow<z.input<typeof Input> | undefined, unknown> {
  return flow(
    'Weather ETL',
    {
      description: 'Four years of daily weather in Seattle become a table of months.',
      tags: ['example', 'etl'],
      input: Input.prefault({}),
      plan: [extract, validate, transform, load, { name: 'report', weight: 1 }],
    },
    async ({ paceMs }) => {
      const days = await extract(paceMs)
      const sound = await validate(days, paceMs)
      const months = await transform(sound, paceMs)
      const rows = await load(months, file)
      return step('report', () => {
        const wettest = months.reduce((most, month) => (month.rainMm > most.rainMm ? month : most))
        current().log.info(`the wettest month was ${wettest.month} with ${String(wettest.rainMm)} mm`)
        return { rows, wettest }
      })
    },
  )
}
