/* Estimates in words: round numbers, and no more promise than there is. Pure. */
import type { EstimateState } from './estimate-view.ts'

const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
] as const

/** A duration in two digits at most: `40 s`, `4 min`, `1.5 h`. */
export function roundTime(ms: number): string {
  if (!(ms >= 1000)) return '1 s'
  const [size, unit] = UNITS.find(([one]) => ms >= one * 0.95) ?? UNITS[3]
  const amount = ms / size
  return `${String(amount < 9.5 && size > 1000 ? Math.round(amount * 2) / 2 : twoDigits(amount))} ${unit}`
}

function twoDigits(amount: number): number {
  const step = amount < 20 ? 1 : amount < 100 ? 5 : 10
  return Math.max(1, Math.round(amount / step) * step)
}

/** What a sentence is made of. */
export interface EstimateFacts {
  readonly state: EstimateState
  /** Unit: ms. */
  readonly remainingMs: number | null
  readonly earlyMs: number
  readonly lateMs: number
  readonly waitsFor: { readonly kind: 'signal' | 'approval'; readonly name: string } | null
  /** The task that takes longest of all against its past. */
  readonly culprit: string | null
}

/** What to tell of a run that has started. */
export function estimateSentence(facts: EstimateFacts): string {
  const { state, remainingMs, waitsFor, culprit } = facts
  if (waitsFor !== null) return waitingSentence(waitsFor, remainingMs)
  if (remainingMs === null) return 'no estimate yet: no run of this flow has succeeded in this configuration'
  const left = leftText(facts)
  if (state === 'first-run') return `first run, rough: ${left}`
  if (state === 'slow') return `slower than usual, ${left}`
  if (state !== 'stalled') return left
  return culprit === null
    ? 'no progress for long'
    : `no progress for long: "${culprit}" takes several times as long as usual`
}

function waitingSentence({ kind, name }: NonNullable<EstimateFacts['waitsFor']>, remainingMs: number | null): string {
  const what = kind === 'approval' ? `the approval "${name}"` : `the signal "${name}"`
  return `waits for ${what}${remainingMs === null ? '' : `; about ${roundTime(remainingMs)} of work after it`}`
}

function leftText({ remainingMs, earlyMs, lateMs }: EstimateFacts): string {
  if (remainingMs === null || remainingMs < 1000) return 'nearly done'
  const [early, late] = [roundTime(earlyMs), roundTime(lateMs)]
  // An interval that says nothing is not worth its words.
  if (lateMs > 8 * Math.max(1000, earlyMs)) return `about ${roundTime(remainingMs)} left, but past runs differ much`
  return early === late
    ? `about ${roundTime(remainingMs)} left`
    : `about ${roundTime(remainingMs)} left, likely ${early} to ${late}`
}

/** What to tell of a run in line. */
export function queuedSentence(startsInMs: number | null, ahead: number): string {
  const before = ahead === 0 ? 'next in line' : `${ahead.toLocaleString('en')} ahead`
  return startsInMs === null ? `waits to start, ${before}` : `starts in about ${roundTime(startsInMs)}, ${before}`
}

/** What an estimate was made from. */
export function basisText(runs: number, configuration: string): string {
  if (runs === 0) return 'from declared times'
  return `from ${String(runs)} successful ${configuration} ${runs === 1 ? 'run' : 'runs'}`
}
