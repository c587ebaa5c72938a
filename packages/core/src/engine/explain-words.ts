/* Numbers and times in sentences about runs. */

/** A number of things. */
export function count(number: number, noun: string): string {
  return `${String(number)} ${noun}${number === 1 ? '' : 's'}`
}

/** An instant. */
export function time(at: number | null): string {
  return at === null ? 'an unknown time' : new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** How long ago. */
export function ago(at: number | null, now: number): string {
  return at === null ? 'some time ago' : `${span(now - at)} ago`
}

/** How long until then; empty when it is over. */
export function inTime(at: number | null, now: number): string {
  return at === null || at <= now ? '' : ` (in ${span(at - now)})`
}

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const

/** A duration: the largest unit of which there are at least two is exact enough for people. */
export function span(durationMs: number): string {
  for (const [unit, ms] of UNITS) if (durationMs >= 2 * ms) return count(Math.floor(durationMs / ms), unit)
  return durationMs >= 1000 ? '1 second' : 'a moment'
}
