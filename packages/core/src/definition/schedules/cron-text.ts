/* Common cron expressions in words. What is not common is left to the expression itself: a wrong sentence is worse than none. */

const NICKNAMES: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const
/** Names of the months. */
export const MONTHS: readonly string[] = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

interface Fields {
  readonly second: string
  readonly minute: string
  readonly hour: string
  readonly day: string
  readonly month: string
  readonly weekday: string
}

/** The expression in words, or null when it is not a common one. */
export function cronText(cron: string): string | null {
  const fields = toFields(cron)
  if (fields === null) return null
  return sameEachDay(fields) ?? atTimes(fields)
}

/** Whether its words name times of day, which mean something only with a time zone. */
export function namesTimeOfDay(cron: string): boolean {
  const fields = toFields(cron)
  return fields === null || sameEachDay(fields) === null
}

function toFields(cron: string): Fields | null {
  const parts = (NICKNAMES[cron.trim().toLowerCase()] ?? cron.trim()).replaceAll('?', '*').split(/\s+/)
  const [second, minute, hour, day, month, weekday] = parts.length === 5 ? ['0', ...parts] : parts
  if (parts.length < 5 || second === undefined || minute === undefined || hour === undefined) return null
  if (day === undefined || month === undefined || weekday === undefined) return null
  return { second, minute, hour, day, month, weekday }
}

function sameEachDay({ second, minute, hour, day, month, weekday }: Fields): string | null {
  if (day !== '*' || month !== '*' || weekday !== '*') return null
  if (minute === '*' && hour === '*') return second === '0' ? 'every minute' : everyOf(second, 'second')
  if (second !== '0') return null
  if (hour === '*') return everyOf(minute, 'minute') ?? atMinutes(minute)
  return minute === '0' && hour !== '0' ? everyOf(hour, 'hour') : null
}

function atMinutes(minute: string): string | null {
  if (minute === '0') return 'every hour'
  const minutes = numbers(minute, 59)
  return minutes && `every hour at ${listed(minutes.map((number) => `:${twoDigits(number)}`))}`
}

// A step that does not divide its unit starts anew with each one, so it is not the same distance everywhere.
function everyOf(field: string, unit: 'second' | 'minute' | 'hour'): string | null {
  if (field === '*') return `every ${unit}`
  const step = Number(/^\*\/(\d+)$/.exec(field)?.[1])
  if (!Number.isInteger(step) || step < 1 || (unit === 'hour' ? 24 : 60) % step !== 0) return null
  return step === 1 ? `every ${unit}` : `every ${String(step)} ${unit}s`
}

function atTimes(fields: Fields): string | null {
  const days = whichDays(fields)
  const times = timesOfDay(fields)
  return days === null || times === null ? null : `${days} at ${times}`
}

function timesOfDay({ second, minute, hour }: Fields): string | null {
  const seconds = numbers(second, 59)
  const minutes = numbers(minute, 59)
  const hours = numbers(hour, 23)
  if (!hours || minutes?.length !== 1 || seconds?.length !== 1) return null
  const tail = seconds[0] === 0 ? [minutes[0]] : [minutes[0], seconds[0]]
  return listed(hours.map((one) => [one, ...tail].map(twoDigits).join(':')))
}

function whichDays({ day, month, weekday }: Fields): string | null {
  if (day === '*' && weekday === '*' && month === '*') return 'every day'
  if (day === '*' && month === '*') return whichWeekdays(weekday)
  if (weekday !== '*') return null
  const which = whichDaysOfMonth(day)
  if (which === null || month === '*') return which && `on the ${which} of every month`
  const names = numbers(month, 12)?.map((number) => MONTHS[number - 1] ?? '')
  return names && !names.includes('') ? `every year on the ${which} of ${listed(names)}` : null
}

function whichWeekdays(field: string): string | null {
  const named = field.toUpperCase().replaceAll(/[A-Z]{3}/g, (name) => {
    const index = DAYS.findIndex((day) => day.slice(0, 3).toUpperCase() === name)
    return index === -1 ? name : String(index)
  })
  const [from, to] = /^[0-7]-[0-7]$/.test(named) ? named.split('-').map((text) => DAYS[Number(text)]) : []
  if (from !== undefined && to !== undefined) return `every day from ${from} to ${to}`
  const days = numbers(named, 7)
  return days && `every ${listed(days.map((number) => DAYS[number] ?? ''))}`
}

function whichDaysOfMonth(field: string): string | null {
  if (field.toUpperCase() === 'L') return 'last day'
  const days = numbers(field, 31)
  return days && !days.includes(0) ? listed(days.map(ordinal)) : null
}

function numbers(field: string, max: number): readonly number[] | null {
  if (!/^\d{1,2}(,\d{1,2})*$/.test(field)) return null
  const found = field.split(',').map(Number)
  return found.every((number) => number <= max) ? found : null
}

function ordinal(number: number): string {
  const isTeen = number > 10 && number < 14
  const ending = isTeen ? 'th' : (['th', 'st', 'nd', 'rd'][number % 10] ?? 'th')
  return `${String(number)}${ending}`
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`
}

function twoDigits(number: number | undefined): string {
  return String(number ?? 0).padStart(2, '0')
}
