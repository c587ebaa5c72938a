/** Every log level, in rising order. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
/** Level of a log line. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Whether a line of `level` is to be kept when `minimum` is the lowest that is. */
export function isAtLeast(level: LogLevel, minimum: LogLevel): boolean {
  return LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(minimum)
}
