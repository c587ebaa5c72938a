import type { HookedRun, HookEvent, HookName } from '../../definition/flow-hooks.ts'
/* Calls the hooks of flows. What a hook does or throws never reaches the run. */
import type { FlowDefinition } from '../../definition/flow.ts'
import type { LogFields, RunLog } from '../../definition/task-context.ts'
import { PerfectError } from '../../errors/perfect-error.ts'
import { deserializeError } from '../../errors/serialized-error.ts'
import type { LogLevel } from '../../primitives/log-level.ts'
import { decodeValue } from '../../primitives/value.ts'
import type { RunRecord } from '../../storage/records.ts'
import type { ErrorReporter } from '../event-bus.ts'
import type { LogInput } from '../log-input.ts'
import type { RunOutcome } from '../run-outcomes.ts'

interface HookParts {
  readonly report: ErrorReporter
  /** Adds a line to the log of a run, also of one that has ended. */
  readonly addLog: (runId: string, line: LogInput) => Promise<unknown>
}

const END_HOOKS = { succeeded: 'onSuccess', failed: 'onFailure', cancelled: 'onCancel' } as const

/** Calls the hooks of all flows of an engine. */
export class RunHooks {
  readonly #parts: HookParts
  readonly #pending = new Set<Promise<void>>()

  constructor(parts: HookParts) {
    this.#parts = parts
  }

  /** A run was taken up for the first time. */
  started(definition: FlowDefinition, run: RunRecord): void {
    if (definition.hooks?.onStart) this.#begin(definition, run, ['onStart'], {})
  }

  /** A run has come further. */
  progressed(definition: FlowDefinition, run: RunRecord): void {
    if (definition.hooks?.onProgress) this.#begin(definition, run, ['onProgress'], {})
  }

  /** A run has ended. */
  ended(definition: FlowDefinition, { run, result }: RunOutcome): void {
    const end = END_HOOKS[run.status as keyof typeof END_HOOKS]
    if (!definition.hooks?.[end] && !definition.hooks?.onEnd) return
    const facts =
      run.status === 'succeeded'
        ? { result: result === null ? undefined : decodeValue(result) }
        : { error: run.error ? deserializeError(run.error) : cancelled(run) }
    this.#begin(definition, run, [end, 'onEnd'], facts)
  }

  /** Waits for hooks that have been called and have not ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#pending)
  }

  #begin(definition: FlowDefinition, run: RunRecord, names: readonly HookName[], facts: object): void {
    const event = { run: toHookedRun(definition, run), log: this.#log(run.id), ...facts }
    const running = this.#callAll(definition, names, event)
    this.#pending.add(running)
    void running.finally(() => this.#pending.delete(running))
  }

  async #callAll({ name, hooks }: FlowDefinition, names: readonly HookName[], event: HookEvent): Promise<void> {
    // What called us is in the middle of its work; code of the host does not run there.
    await Promise.resolve()
    for (const hook of names) {
      try {
        await (hooks?.[hook] as ((event: HookEvent) => unknown) | undefined)?.(event)
      } catch (error) {
        this.#parts.report(error, `calling "${hook}" of flow "${name}" for run ${event.run.id}`)
        event.log.error(`"${hook}" threw: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
  }

  #log(runId: string): RunLog {
    const at = (level: LogLevel) => (message: string, fields?: LogFields) => {
      const added = this.#parts.addLog(runId, { level, message, fields: fields ?? null }).then(
        () => undefined,
        (error: unknown) => this.#parts.report(error, `adding a line of a hook to the log of run ${runId}`),
      )
      this.#pending.add(added)
      void added.finally(() => this.#pending.delete(added))
    }
    return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
  }
}

function toHookedRun(definition: FlowDefinition, run: RunRecord): HookedRun {
  const { id, flowId, flowVersion, configuration, trigger, status, progress } = run
  return {
    id,
    flowId,
    flowName: definition.name,
    flowVersion,
    configuration,
    trigger,
    status,
    progress,
    createdAt: new Date(run.createdAt),
    startedAt: toDate(run.startedAt),
    finishedAt: toDate(run.finishedAt),
  }
}

// A run that nobody held is cancelled without anything being thrown.
function cancelled({ id, cancelReason }: RunRecord): PerfectError {
  return new PerfectError(
    'RUN_CANCELLED',
    `Run ${id} was cancelled${cancelReason === null ? '' : `: ${cancelReason}`}.`,
    {
      details: { runId: id, reason: cancelReason },
    },
  )
}

function toDate(at: number | null): Date | null {
  return at === null ? null : new Date(at)
}
