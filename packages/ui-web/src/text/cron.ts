const weekdays = ['Sundays', 'Mondays', 'Tuesdays', 'Wednesdays', 'Thursdays', 'Fridays', 'Saturdays']

/** A cron expression in words when it is a common one, otherwise as it is. */
export function cronInWords(cron: string): string {
  const fields = cron.trim().split(/\s+/)
  // A sixth field in front are the seconds; only "at second 0" reads like the five-field form.
  if (fields.length === 6 && fields[0] === '0') fields.shift()
  if (fields.length !== 5) return cron
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields
  const everyDay = day === '*' && month === '*'
  if (hour === '*' && everyDay && weekday === '*') return inWordsWithinTheHour(minute) ?? cron
  const everyHours = /^\*\/(\d+)$/.exec(hour)?.[1]
  if (everyHours !== undefined && minute === '0' && everyDay && weekday === '*') return `Every ${everyHours} hours`
  if (!isNumber(minute) || !isNumber(hour)) return cron
  const time = `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`
  if (everyDay && weekday === '*') return `Daily at ${time}`
  if (everyDay && weekday === '1-5') return `Weekdays at ${time}`
  if (everyDay && isNumber(weekday)) return `${weekdays[Number(weekday) % 7] ?? weekday} at ${time}`
  if (isNumber(day) && month === '*' && weekday === '*') return `Monthly on day ${day} at ${time}`
  return cron
}

function inWordsWithinTheHour(minute: string): string | null {
  if (minute === '*' || minute === '*/1') return 'Every minute'
  const step = /^\*\/(\d+)$/.exec(minute)?.[1]
  if (step !== undefined) return `Every ${step} minutes`
  return isNumber(minute) ? `Hourly at :${minute.padStart(2, '0')}` : null
}

function isNumber(field: string): boolean {
  return /^\d+$/.test(field)
}
