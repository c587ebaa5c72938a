/*
 * One side of a comparison, measured in a process of its own: nothing of the other side is warm, loaded or running in it.
 * `compare.ts` starts such processes and takes what `reportFigures()` sends.
 */
import type { Figures, Load } from './comparison.ts'

/** What a side is asked to do. */
export interface Task {
  readonly load: Load
  /** For its files. */
  readonly folder: string
}

/** Measures as the process that started this one has asked, and sends it the figures. */
export async function reportFigures(measure: (task: Task) => Promise<Figures>): Promise<void> {
  const text = process.env['PERFECT_BENCH']
  if (text === undefined || !process.send) throw new Error('A side is started by "pnpm bench", not by itself.')
  process.send(await measure(JSON.parse(text) as Task))
  process.disconnect()
}
