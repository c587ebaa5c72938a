import type { RunView } from '@perfect/core'

import { plural } from '../text/strings.ts'
import { isFinal, lastFinishedFirst } from './runs.ts'

/** Whether all is well, in one sentence, and what to look at when it is not. */
export interface Verdict {
  readonly headline: string
  /** How the finished runs that are known went; null when there are none. */
  readonly record: string | null
  /** The newest failed run of those. */
  readonly lastFailure: RunView | null
}

/** The sentence at the top of the overview. */
export function verdictOf(runs: Iterable<RunView>): Verdict {
  const all = [...runs]
  const finished = all.filter(isFinal).toSorted(lastFinishedFirst)
  const failed = finished.filter(({ status }) => status === 'failed')
  return { headline: headline(all), record: record(finished, failed.length), lastFailure: failed[0] ?? null }
}

function headline(runs: readonly RunView[]): string {
  const count = (...statuses: readonly RunView['status'][]): number =>
    runs.filter(({ status }) => statuses.includes(status)).length
  const running = count('running')
  const others = [
    [count('retrying'), 'retrying'],
    [count('waiting'), 'waiting'],
    [count('queued'), 'queued'],
    [count('scheduled'), 'scheduled'],
  ] as const
  const parts = others.flatMap(([number, word]) => (number === 0 ? [] : [`${String(number)} ${word}`]))
  if (running > 0) parts.unshift(`${plural(running, 'run')} in progress`)
  return parts.length === 0 ? 'All quiet, nothing is running.' : `${parts.join(', ')}.`
}

function record(finished: readonly RunView[], failed: number): string | null {
  const total = finished.length
  if (total === 0) return null
  if (failed > 0) return `${String(failed)} of the last ${plural(total, 'run')} failed.`
  return total === 1 ? 'The last run went well.' : `None of the last ${String(total)} runs failed.`
}
