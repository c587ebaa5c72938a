import { PerfectError } from '../errors/perfect-error.ts'
import type { ClientDeclaration } from './process-adapter.ts'

/** A declaration that was checked, with its defaults. */
export type ClientPlan = Readonly<Required<Omit<ClientDeclaration, 'cwd'>>> & {
  readonly id: string
  readonly cwd: string | undefined
}

const DEFAULT_GRACE_MS = 10_000
const DEFAULT_LOG_LINES = 1000
const MAX_LOG_LINES = 100_000
const MIN_DELAY_MS = 1000
const MAX_DELAY_MS = 60_000
const HOUR_MS = 3_600_000

/**
 * Checks a declaration and copies it, so that it stays as it was declared.
 *
 * @throws {PerfectError} CLIENT_DECLARATION_INVALID
 */
export function planClient(id: string, declaration: ClientDeclaration): ClientPlan {
  const plan: ClientPlan = {
    id,
    command: declaration.command,
    args: [...(declaration.args ?? [])],
    cwd: declaration.cwd,
    env: { ...declaration.env },
    name: declaration.name ?? id,
    graceMs: declaration.graceMs ?? DEFAULT_GRACE_MS,
    logLines: declaration.logLines ?? DEFAULT_LOG_LINES,
    autoStart: declaration.autoStart ?? false,
    restart: declaration.restart ?? 'on-failure',
    restartMinDelayMs:
      declaration.restartMinDelayMs ?? Math.min(MIN_DELAY_MS, declaration.restartMaxDelayMs ?? MIN_DELAY_MS),
    restartMaxDelayMs:
      declaration.restartMaxDelayMs ?? Math.max(MAX_DELAY_MS, declaration.restartMinDelayMs ?? MAX_DELAY_MS),
  }
  check(id, 'id', isText(id) && id !== '', 'a text that is not empty')
  check(plan.command, 'command', isText(plan.command) && plan.command !== '', 'the name or path of a program', id)
  check(plan.args, 'args', plan.args.every(isText), 'a list of texts', id)
  check(plan.cwd, 'cwd', plan.cwd === undefined || isText(plan.cwd), 'a folder', id)
  // Values may be secrets and stay out of the error.
  check(Object.keys(plan.env), 'env', Object.values(plan.env).every(isText), 'variables with texts as values', id)
  check(plan.graceMs, 'graceMs', Number.isFinite(plan.graceMs) && plan.graceMs >= 0, 'a number of ms, 0 or more', id)
  check(plan.logLines, 'logLines', isLineCount(plan.logLines), 'a whole number from 1 to 100,000', id)
  const { restart, restartMinDelayMs: minMs, restartMaxDelayMs: maxMs } = plan
  check(restart, 'restart', RESTARTS.has(restart), '"on-failure", "always" or "never"', id)
  check(minMs, 'restartMinDelayMs', isBetween(minMs, 0, HOUR_MS), 'a number of ms from 0 to 3,600,000', id)
  check(
    maxMs,
    'restartMaxDelayMs',
    isBetween(maxMs, minMs, HOUR_MS),
    'a number of ms from restartMinDelayMs to 3,600,000',
    id,
  )
  return Object.freeze(plan)
}

const RESTARTS: ReadonlySet<unknown> = new Set(['on-failure', 'always', 'never'])

function isBetween(value: number, min: number, max: number): boolean {
  return Number.isFinite(value) && value >= min && value <= max
}

// Texts reach the system, for which NUL is the end of the text.
function isText(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('\0')
}

function isLineCount(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= MAX_LOG_LINES
}

function check(value: unknown, field: string, isValid: boolean, expected: string, id?: string): void {
  if (isValid) return
  const subject = id === undefined ? 'A client' : `Client "${id}"`
  throw new PerfectError(
    'CLIENT_DECLARATION_INVALID',
    `${subject} is declared with a wrong "${field}": ${JSON.stringify(value)}. It must be ${expected}.`,
    { details: { client: id ?? null, field, value } },
  )
}
