/* Tasks that are processes: commands are declared in code, arguments come from the call, no shell is involved. */
import { toPointer, type StandardSchema } from '../definition/standard-schema.ts'
import { task, type Task, type TaskOptions } from '../definition/task.ts'
import { PerfectError } from '../errors/perfect-error.ts'
import { systemClock } from '../primitives/clock.ts'
import { childProcessAdapter } from './child-process.ts'
import type { ProcessAdapter } from './process-adapter.ts'
import type { LineReader } from './process-output.ts'
import type { ProcessOutcome } from './run-process.ts'

/** A task that is a process. */
export interface ProcessTaskOptions<A extends readonly unknown[] = readonly unknown[], R = unknown> extends TaskOptions<
  A,
  R
> {
  /** Name or path of the program. Never comes from a request. */
  readonly command: string
  /** Its arguments: fixed, or a function of the arguments of the task. Each reaches the program as it is; there is no shell. Default: none. */
  readonly args?: readonly string[] | ((...args: A) => readonly string[])
  /** Working directory. Default: the host's. */
  readonly cwd?: string
  /** Added to the small set of variables that every process gets (`PATH`, `HOME`, `LANG`, ...). */
  readonly env?: Readonly<Record<string, string>>
  /** Reads a line instead of the built-in format; undefined: it is plain text and goes to the log. What it throws fails the task. */
  readonly parse?: LineReader
  /** How long it may take to end by itself when it is told to. Unit: ms. Range: >= 0. Default: 5,000. */
  readonly graceMs?: number
  /** How it is started. Default: as a child process. */
  readonly adapter?: ProcessAdapter
}

const DEFAULT_GRACE_MS = 5000
// One for all tasks: it has one guard process while any of them runs.
let sharedAdapter: ProcessAdapter | undefined

/** The code of `task.process`, which has the types. */
export function processTask<A extends unknown[]>(
  name: string,
  options: ProcessTaskOptions<A> & { readonly result?: StandardSchema },
): Task<A, unknown> {
  const { command, args = [], cwd, env = {}, parse, graceMs, adapter, result, ...taskOptions } = options
  const check = (value: unknown, field: string, isValid: boolean): void => checkField(name, { field, value, isValid })
  check(command, 'command', isText(command) && command !== '')
  check(args, 'args', typeof args === 'function' || args.every(isText))
  check(cwd, 'cwd', cwd === undefined || isText(cwd))
  // Values may be secrets and stay out of the error.
  check(Object.keys(env), 'env', Object.values(env).every(isText))
  check(graceMs, 'graceMs', graceMs === undefined || (Number.isFinite(graceMs) && graceMs >= 0))
  const run = async (...given: A): Promise<unknown> => {
    const list = typeof args === 'function' ? [...args(...given)] : args
    check(list, 'args', list.every(isText))
    // With the first one: few hosts have any.
    const { runProcess } = await import('./run-process.ts')
    const outcome = await runProcess({
      task: name,
      spec: { command, args: list, env: { ...env }, ...(cwd !== undefined && { cwd }) },
      ...(parse && { read: parse }),
      graceMs: graceMs ?? DEFAULT_GRACE_MS,
      adapter: adapter ?? (sharedAdapter ??= childProcessAdapter()),
      clock: systemClock,
    })
    return result === undefined ? (outcome.given?.value ?? outcome.result) : checkResult(name, outcome, result)
  }
  return task<A, unknown>(name, taskOptions, run)
}

async function checkResult(name: string, { given }: ProcessOutcome, schema: StandardSchema): Promise<unknown> {
  const checked = await schema['~standard'].validate(given?.value)
  if (checked.issues === undefined) return checked.value
  const problems = checked.issues.map((issue) => `${toPointer(issue)} ${issue.message}`.trim()).join('; ')
  const what =
    given === null
      ? 'gave no result: it has to write a line "::result" with JSON'
      : `gave a result that does not fit: ${problems}`
  throw new PerfectError('PROCESS_FAILED', `The process of task "${name}" ${what}.`, {
    details: { task: name, code: 0, problems },
  })
}

// Texts reach the system, for which NUL is the end of the text.
function isText(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('\0')
}

const EXPECTED: Readonly<Record<string, string>> = {
  command: 'the name or path of a program',
  args: 'a list of texts without NUL, or a function that gives one',
  cwd: 'a folder',
  env: 'variables with texts as values',
  graceMs: 'a number of ms, 0 or more',
}

function checkField(
  name: string,
  { field, value, isValid }: { readonly field: string; readonly value: unknown; readonly isValid: boolean },
): void {
  if (isValid) return
  const shown = typeof value === 'function' ? 'a function' : JSON.stringify(value)
  throw new PerfectError(
    'TASK_DEFINITION_INVALID',
    `The process task "${name}" has a wrong "${field}": ${shown}. Give ${EXPECTED[field] ?? 'another'}.`,
    { details: { task: name, field, value: shown } },
  )
}
