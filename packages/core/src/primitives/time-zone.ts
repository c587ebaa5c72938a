/*
 * Local time of a time zone, as `Intl` knows it. A local time is written like an instant, as if its clock were that of UTC:
 * ms since 1970-01-01 on that clock.
 */

const HOUR_MS = 3_600_000
// Far enough to be on the other side of a change of the clocks, and nearer than the change after it.
const AROUND_MS = 26 * HOUR_MS
// More zones than a host has schedules in.
const MAX_FORMATS = 200

const formats = new Map<string, Intl.DateTimeFormat>()

/** Whether this is the name of a time zone. */
export function isTimeZone(zone: unknown): zone is string {
  if (typeof zone !== 'string' || zone === '') return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** The local time at an instant. */
export function toLocal(at: number, zone: string): number {
  return at + offsetAt(at, zone)
}

/** How far the local clock is before that of UTC. Unit: ms. */
export function offsetAt(at: number, zone: string): number {
  if (zone === 'UTC') return 0
  const second = Math.floor(at / 1000) * 1000
  const fields = new Map(
    formatOf(zone)
      .formatToParts(second)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const field = (name: Intl.DateTimeFormatPartTypes): number => fields.get(name) ?? 0
  const local = Date.UTC(
    field('year'),
    field('month') - 1,
    field('day'),
    field('hour'),
    field('minute'),
    field('second'),
  )
  return local - second
}

/** What a local time means: one instant; two when the clock shows it twice; none when the clock leaves it out. Rising. */
export function instantsOf(local: number, zone: string): readonly number[] {
  if (zone === 'UTC') return [local]
  const offsets = new Set([offsetAt(local - AROUND_MS, zone), offsetAt(local + AROUND_MS, zone)])
  return [...offsets]
    .map((offset) => local - offset)
    .filter((at) => toLocal(at, zone) === local)
    .toSorted((left, right) => left - right)
}

/** The instant of a local time: the first one when the clock shows it twice, the end of the gap when it does not exist. */
export function instantOf(local: number, zone: string): number {
  const [first] = instantsOf(local, zone)
  return first ?? firstChange(local - AROUND_MS, local + AROUND_MS, zone) ?? local
}

/** The first instant after one and up to another at which the clock is set forward or back; null when it is not. At most one is between them. */
export function firstChange(after: number, through: number, zone: string): number | null {
  const before = offsetAt(after, zone)
  if (offsetAt(through, zone) === before) return null
  let low = after
  let high = through
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (offsetAt(middle, zone) === before) low = middle
    else high = middle
  }
  return high
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  if (formats.size >= MAX_FORMATS) formats.clear()
  formats.set(zone, format)
  return format
}
