import { PerfectError } from '../errors/perfect-error.ts'
import { LOG_LEVELS, type LogLevel } from '../primitives/log-level.ts'

/** How a run behaves around the code of the flow: what is logged, kept and checked. */
export interface Configuration {
  readonly name: string
  /** Lines of the flow below this level are dropped. */
  readonly logLevel: LogLevel
  /** Lines of the engine about the run below this level are dropped. */
  readonly engineLogLevel: LogLevel
  /** Whether `console` calls inside tasks also become log lines. */
  readonly captureConsole: boolean
  /** Whether each attempt's arguments, result and error with stack are logged, at level `debug`. */
  readonly logAttempts: boolean
  /** How long log lines may be gathered before they are written. Unit: ms. Range: >= 0; 0 writes at once. */
  readonly logFlushMs: number
  /** Whether the results of tasks are kept after the run succeeded. They are needed for replay only until then. Less than 4 KiB in all is always kept. */
  readonly keepTaskResults: boolean
  /** Whether a replay that calls a recorded task with other arguments fails the run (`strict`), or the flow decides (`flow`). */
  readonly replay: 'strict' | 'flow'
  /** Whether the place of each task call is remembered, to be named in errors about keys. */
  readonly callSites: boolean
}

/** The configurations that every engine has. */
export const BUILT_IN_CONFIGURATIONS: Readonly<Record<'development' | 'debug' | 'release', Configuration>> = {
  development: {
    name: 'development',
    logLevel: 'info',
    engineLogLevel: 'info',
    captureConsole: false,
    logAttempts: false,
    logFlushMs: 100,
    keepTaskResults: true,
    replay: 'strict',
    callSites: true,
  },
  debug: {
    name: 'debug',
    logLevel: 'debug',
    engineLogLevel: 'debug',
    captureConsole: true,
    logAttempts: true,
    logFlushMs: 0,
    keepTaskResults: true,
    replay: 'strict',
    callSites: true,
  },
  release: {
    name: 'release',
    logLevel: 'info',
    engineLogLevel: 'warn',
    captureConsole: false,
    logAttempts: false,
    logFlushMs: 1000,
    keepTaskResults: false,
    replay: 'flow',
    callSites: false,
  },
}

/** Name of the configuration of a run that asks for none. */
export const DEFAULT_CONFIGURATION = 'development'

/** Changes of a configuration. */
export type ConfigurationChanges = Partial<Omit<Configuration, 'name'>>

/** A configuration of the host: a built-in one (default: `development`) with some values changed. */
export type ConfigurationOptions = ConfigurationChanges & {
  readonly extends?: keyof typeof BUILT_IN_CONFIGURATIONS
}

/** All configurations of an engine: the built-in ones and those of the host, which may replace them. */
export function toConfigurations(
  options: Readonly<Record<string, ConfigurationOptions>> = {},
): ReadonlyMap<string, Configuration> {
  const all = new Map<string, Configuration>(Object.entries(BUILT_IN_CONFIGURATIONS))
  for (const [name, { extends: base = DEFAULT_CONFIGURATION, ...changes }] of Object.entries(options))
    all.set(name, checked({ ...BUILT_IN_CONFIGURATIONS[base], ...changes, name }))
  return all
}

/** Changes of configurations that a flow declares for its own runs. @throws {PerfectError} CONFIGURATION_INVALID */
export function toFlowConfigurations(
  changes: Readonly<Record<string, ConfigurationChanges>>,
): ReadonlyMap<string, ConfigurationChanges> {
  for (const [name, change] of Object.entries(changes))
    checked({ ...BUILT_IN_CONFIGURATIONS[DEFAULT_CONFIGURATION], ...change, name })
  return new Map(Object.entries(changes).map(([name, change]) => [name, Object.freeze({ ...change })]))
}

/** What a run works under: a configuration of its engine with the changes of its flow. A name that the engine does not know any more means `development`. */
export function configurationOf(
  all: ReadonlyMap<string, Configuration>,
  name: string,
  changes: ReadonlyMap<string, ConfigurationChanges> | null,
): Configuration {
  const base = all.get(name) ?? BUILT_IN_CONFIGURATIONS[DEFAULT_CONFIGURATION]
  const own = changes?.get(name)
  return own === undefined ? base : { ...base, ...own }
}

function checked(configuration: Configuration): Configuration {
  const { name, logFlushMs, logLevel, engineLogLevel } = configuration
  if (!Number.isFinite(logFlushMs) || logFlushMs < 0)
    throw invalid(name, 'logFlushMs', logFlushMs, 'a number of ms >= 0')
  for (const [field, level] of Object.entries({ logLevel, engineLogLevel }))
    if (!LOG_LEVELS.includes(level)) throw invalid(name, field, level, `one of ${LOG_LEVELS.join(', ')}`)
  return Object.freeze(configuration)
}

function invalid(name: string, field: string, value: unknown, expected: string): PerfectError {
  return new PerfectError(
    'CONFIGURATION_INVALID',
    `"${field}" of configuration "${name}" is ${String(value)}. Give ${expected}.`,
    { details: { configuration: name, field, value: String(value) } },
  )
}
