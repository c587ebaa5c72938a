/*
 * How long a run still takes, in words that count down between two messages of the engine. They never promise more than its estimate: when
 * its time is over and the run is not, they say so.
 */
import type { EstimateView, RunView } from '@perfect/core'

import { instant } from './time.ts'

/** What is said of the time that is left. */
export interface TimeLeft {
  /** A few words: `~4m left`. */
  readonly short: string
  /** When it ends, for those who plan by it: `done at 14:02, likely 14:01 to 14:05`; null when nobody can tell. */
  readonly when: string | null
  /** What it was made from, and the engine's own sentence. */
  readonly basis: string
  /** Whether somebody should look. */
  readonly tone: 'calm' | 'rough' | 'late'
}

// News of work that was found are news for this long.
const NEWS_MS = 15_000
const TWO_MINUTES_MS = 120_000
const DAY_MS = 86_400_000

/** @param now Server time. Unit: ms since 1970. */
export function timeLeft({ estimate }: Pick<RunView, 'estimate'>, now: number): TimeLeft | null {
  if (estimate === null) return null
  const { state, sentence, basis } = estimate
  const tone = state === 'slow' || state === 'stalled' ? 'late' : state === 'first-run' ? 'rough' : 'calm'
  return { short: shortText(estimate, now), when: whenText(estimate, now), basis: `${sentence} (${basis})`, tone }
}

/** What changed in the work of a run, while it is news: `+12 tasks found`. */
export function foundText(
  { progress, finishedAt }: Pick<RunView, 'progress' | 'finishedAt'>,
  now: number,
): string | null {
  const { found } = progress
  return found === null || finishedAt !== null || now - instant(found.at) > NEWS_MS ? null : found.text
}

function shortText(estimate: EstimateView, now: number): string {
  switch (estimate.state) {
    case 'none':
      return 'no estimate yet'
    case 'stalled':
      return 'no progress for long'
    case 'waiting':
      return estimate.remainingMs === null ? 'waits for people' : `${roughly(estimate.remainingMs)} after the wait`
    case 'queued':
      return queuedText(estimate)
    case 'first-run':
      return `${leftText(estimate, now)}, first run`
    case 'slow':
      return `slow, ${leftText(estimate, now)}`
    case 'ok':
      return leftText(estimate, now)
  }
}

function queuedText({ startsInMs, ahead }: EstimateView): string {
  const line = ahead === null || ahead === 0 ? 'next in line' : `${String(ahead)} ahead`
  return startsInMs === null ? line : `starts in ${roughly(startsInMs)}, ${line}`
}

function leftText({ finishAt, late }: EstimateView, now: number): string {
  const leftMs = (instant(finishAt) ?? now) - now
  if (leftMs >= 1000) return `${roughly(leftMs)} left`
  return now > (instant(late) ?? now) ? 'takes longer than expected' : 'any moment now'
}

function whenText({ finishAt, early, late, state }: EstimateView, now: number): string | null {
  const [end, first, last] = [instant(finishAt), instant(early), instant(late)]
  if (end === null || first === null || last === null || state === 'stalled' || end <= now) return null
  const isShort = last - first < TWO_MINUTES_MS
  const at = (time: number): string => timeOfDay(time, { now, isShort })
  const [from, to] = [at(Math.max(now, first)), at(last)]
  return from === to ? `done at ${at(end)}` : `done at ${at(end)}, likely ${from} to ${to}`
}

/** Seconds are said only where they mean something, the day only when it is another one. */
function timeOfDay(time: number, { now, isShort }: { readonly now: number; readonly isShort: boolean }): string {
  const text = new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    ...(isShort && { second: '2-digit' }),
    ...(time - now > DAY_MS && { day: 'numeric', month: 'short' }),
  }).format(time)
  return text
}

const UNITS = [
  [DAY_MS, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1000, 's'],
] as const

/** `~45s`, `~4m`, `~1.5h`: no digits that nobody can know. */
function roughly(ms: number): string {
  const [size, unit] = UNITS.find(([one]) => ms >= one * 0.95) ?? UNITS[3]
  const amount = ms / size
  if (size > 1000 && amount < 9.5) return `~${String(Math.max(1, Math.round(amount * 2) / 2))}${unit}`
  const step = amount < 20 ? 1 : amount < 100 ? 5 : 10
  return `~${String(Math.max(1, Math.round(amount / step) * step))}${unit}`
}
