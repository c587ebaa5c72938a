/* One attempt of a task that is a process. */
import { current } from '../definition/ambient.ts'
import type { TaskContext } from '../definition/task-context.ts'
import { PerfectError } from '../errors/perfect-error.ts'
import type { Clock } from '../primitives/clock.ts'
import type { ProcessAdapter, ProcessExit, ProcessSpec, RunningProcess } from './process-adapter.ts'
import { readProcessLine } from './process-lines.ts'
import { ProcessOutput, type LineReader } from './process-output.ts'

/** What a process was that ended well. */
export interface ProcessResult {
  readonly exitCode: number
  /** The last lines it wrote, oldest first: at most 20. */
  readonly lastLines: readonly string[]
}

/** How the process of a task is run. */
export interface ProcessRun {
  readonly task: string
  readonly spec: ProcessSpec
  /** Default: the built-in format. */
  readonly read?: LineReader
  /** How long it may take to end by itself when it is told to. Unit: ms. Range: >= 0. */
  readonly graceMs: number
  readonly adapter: ProcessAdapter
  readonly clock: Clock
}

/** What a process gave: its `::result`, or null, with how it ended. */
export interface ProcessOutcome {
  readonly given: { readonly value: unknown } | null
  readonly result: ProcessResult
}

const SHOWN_ERRORS = 5
const MAX_SHOWN_CHARS = 2000

// An attempt that was told to stop may need a moment; the next one of the same call waits for its end.
const ending = new Map<string, Promise<unknown>>()

/**
 * Runs a process to its end.
 *
 * @throws {PerfectError} PROCESS_FAILED when it cannot be started, exits with another code than 0, is ended by a signal, or tells what
 *   cannot be read. The reason of the signal of the task when that was aborted.
 */
export async function runProcess(run: ProcessRun): Promise<ProcessOutcome> {
  const context = current()
  const { runId, key, attempt: number, idempotencyKey } = context
  const call = `${runId}:${key}`
  await ending.get(call)
  context.signal.throwIfAborted()
  const own = {
    PERFECT_RUN_ID: runId,
    PERFECT_TASK_KEY: key,
    PERFECT_ATTEMPT: String(number),
    PERFECT_IDEMPOTENCY_KEY: idempotencyKey,
  }
  const spec = { ...run.spec, env: { ...own, ...run.spec.env } }
  const attempt = runAttempt({ ...run, spec }, context)
  const ended = attempt.catch(() => undefined)
  ending.set(call, ended)
  try {
    return await attempt
  } finally {
    if (ending.get(call) === ended) ending.delete(call)
  }
}

async function runAttempt(run: ProcessRun, context: TaskContext): Promise<ProcessOutcome> {
  const { signal } = context
  const output = new ProcessOutput(context, run.clock, run.read ?? readProcessLine)
  const exited = Promise.withResolvers<ProcessExit>()
  const process = await start(run, {
    output: (stream, chunk) => output.write(stream, chunk),
    exit: (exit) => exited.resolve(exit),
  })
  const stopTelling = endOnAbort(process, run, signal)
  const exit = await exited.promise
  stopTelling()
  output.end()
  signal.throwIfAborted()
  if (exit.code !== 0) throw failed(run, exit, output)
  if (output.problem !== null) throw unreadable(run, output.problem)
  return { given: output.result, result: { exitCode: exit.code, lastLines: output.lastLines } }
}

async function start(run: ProcessRun, events: Parameters<ProcessAdapter['start']>[1]): Promise<RunningProcess> {
  const { spec, task, adapter } = run
  try {
    return await adapter.start(spec, events)
  } catch (error) {
    throw new PerfectError(
      'PROCESS_FAILED',
      `"${spec.command}" of task "${task}" could not be started: ${reasonOf(error)}. Check its "command", "cwd" and "env".`,
      { details: { task, command: spec.command, code: null, signal: null }, cause: error },
    )
  }
}

function reasonOf(error: unknown): string {
  const reason = PerfectError.is(error) ? error.details['reason'] : null
  if (typeof reason === 'string') return reason
  return error instanceof Error ? error.message : String(error)
}

/** Asks a process to end when the task is to stop, and kills it after the grace. Gives a function that takes that back. */
function endOnAbort(process: RunningProcess, { graceMs, clock }: ProcessRun, signal: AbortSignal): () => void {
  let stopTimer: (() => void) | undefined
  const end = (): void => {
    process.terminate()
    stopTimer = clock.setTimer(graceMs, () => process.kill(), { ref: true })
  }
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()
  return () => {
    signal.removeEventListener('abort', end)
    stopTimer?.()
  }
}

function failed({ task, spec }: ProcessRun, { code, signal }: ProcessExit, output: ProcessOutput): PerfectError {
  const how = signal === null ? `exited with code ${String(code)}` : `was ended by ${signal}`
  const lastLines = output.lastErrors.slice(-SHOWN_ERRORS)
  const shown =
    lastLines.length === 0 ? 'It wrote nothing.' : `Its last lines: ${lastLines.join('\n').slice(-MAX_SHOWN_CHARS)}`
  return new PerfectError('PROCESS_FAILED', `"${spec.command}" of task "${task}" ${how}. ${shown}`, {
    details: { task, command: spec.command, code, signal, lastLines },
  })
}

function unreadable({ task, spec }: ProcessRun, cause: unknown): PerfectError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new PerfectError(
    'PROCESS_FAILED',
    `"${spec.command}" of task "${task}" wrote a line that cannot be read: ${reason}. A result is one line "::result" with JSON of at most 1 MiB.`,
    { details: { task, command: spec.command, code: 0, signal: null }, cause },
  )
}
