/*
 * Times for people. Durations keep at most two units, so that a ticking number does not change its width all the time.
 */

const pad = (value: number): string => String(value).padStart(2, '0')

/**
 * A duration in at most two units: `640ms`, `9.2s`, `48s`, `1m 05s`, `2h 14m`, `3d 04h`.
 *
 * @param ms Unit: ms. Range: >= 0; less counts as 0. null gives a dash.
 */
export function formatDuration(ms: number | null): string {
  if (ms === null) return '–'
  const value = Math.max(0, ms)
  if (value < 999.5) return `${String(Math.round(value))}ms`
  if (value < 9950) return `${(value / 1000).toFixed(1)}s`
  const seconds = Math.round(value / 1000)
  if (seconds < 60) return `${String(seconds)}s`
  if (seconds < 3600) return `${String(Math.floor(seconds / 60))}m ${pad(seconds % 60)}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 24 * 60) return `${String(Math.floor(minutes / 60))}h ${pad(minutes % 60)}m`
  const hours = Math.floor(minutes / 60)
  return `${String(Math.floor(hours / 24))}d ${pad(hours % 24)}h`
}

/**
 * A ticking duration: like {@link formatDuration}, but in whole seconds, so that it counts evenly.
 *
 * @param ms Unit: ms. Range: >= 0; less counts as 0.
 */
export function formatTicking(ms: number): string {
  return ms < 10_000 ? `${String(Math.max(0, Math.floor(ms / 1000)))}s` : formatDuration(Math.floor(ms / 1000) * 1000)
}

/** How long ago in one unit: `just now`, `29s ago`, `4m ago`, `3h ago`, `2d ago`. */
export function formatAgo(ms: number): string {
  return ms < 5000 ? 'just now' : `${oneUnit(ms)} ago`
}

/** How far ahead in one unit: `now`, `in 12s`, `in 4m`, `in 9h`. */
export function formatAhead(ms: number): string {
  return ms < 1000 ? 'now' : `in ${oneUnit(ms)}`
}

function oneUnit(ms: number): string {
  const seconds = ms / 1000
  if (seconds < 60) return `${String(Math.round(seconds))}s`
  if (seconds < 3570) return `${String(Math.round(seconds / 60))}m`
  if (seconds < 86_400) return `${String(Math.round(seconds / 3600))}h`
  return `${String(Math.round(seconds / 86_400))}d`
}

/** Time of day in the viewer's zone, `02:09:31`. */
export function formatClock(at: number): string {
  const date = new Date(at)
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`
}

/** Time of day with milliseconds, `02:09:31.204`. */
export function formatClockMs(at: number): string {
  return `${formatClock(at)}.${String(new Date(at).getMilliseconds()).padStart(3, '0')}`
}

const dayFormat = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' })

/** Time of day, with the day in front when it is not today's. */
export function formatMoment(at: number, now: number): string {
  const sameDay = new Date(at).toDateString() === new Date(now).toDateString()
  return sameDay ? formatClock(at) : `${dayFormat.format(at)}, ${formatClock(at)}`
}

const fullFormat = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'long' })

/** Everything about an instant, for tooltips. */
export function formatInstant(at: number): string {
  return fullFormat.format(at)
}

/** Ms since 1970 of an RFC 3339 text; null stays null. */
export function instant(text: string): number
export function instant(text: string | null): number | null
export function instant(text: string | null): number | null {
  return text === null ? null : Date.parse(text)
}
