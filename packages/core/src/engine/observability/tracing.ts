/*
 * Spans of OpenTelemetry, as a middleware: one for each stretch of a run, and one for each attempt of a task in it. The package is
 * looked for when an engine starts; a process that does not have it pays nothing.
 */
import type * as OpenTelemetry from '@opentelemetry/api'

import type { Middleware, RunMiddlewareContext, TaskMiddlewareContext } from '../../definition/middleware.ts'
import { PerfectError } from '../../errors/perfect-error.ts'

type Api = Pick<typeof OpenTelemetry, 'trace' | 'context' | 'ROOT_CONTEXT' | 'SpanStatusCode'>

const NAME = '@perfect/core'
// The span that a run was triggered in is known until the run ends; this many runs may wait at once.
const MAX_PARENTS = 10_000

/** Makes the spans of one engine. */
export class Tracing {
  readonly #api: Api
  readonly #tracer: OpenTelemetry.Tracer
  readonly #parents = new Map<string, OpenTelemetry.SpanContext>()
  /** Contexts of the runs that are driven now, for code whose own context was lost. */
  readonly #runs = new Map<string, OpenTelemetry.Context>()
  readonly middleware: Middleware

  constructor(api: Api) {
    this.#api = api
    this.#tracer = api.trace.getTracer(NAME)
    this.middleware = {
      run: (context, next) => this.#run(context, next),
      task: (context, next) => this.#task(context, next),
    }
  }

  /** A run was triggered: its spans belong to what is active now. */
  triggered(runId: string): void {
    const parent = this.#api.trace.getActiveSpan()?.spanContext()
    if (!parent || !this.#api.trace.isSpanContextValid(parent)) return
    const oldest = this.#parents.size >= MAX_PARENTS ? this.#parents.keys().next().value : undefined
    if (oldest !== undefined) this.#parents.delete(oldest)
    this.#parents.set(runId, parent)
  }

  /** A run has ended. */
  ended(runId: string): void {
    this.#parents.delete(runId)
  }

  async #run(run: RunMiddlewareContext, next: () => Promise<string>): Promise<void> {
    const { trace, ROOT_CONTEXT } = this.#api
    const parent = this.#parents.get(run.runId)
    const above = parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT
    const span = this.#tracer.startSpan(`flow ${run.flowName}`, { attributes: runAttributes(run) }, above)
    const inside = trace.setSpan(above, span)
    this.#runs.set(run.runId, inside)
    try {
      await this.#inSpan(span, inside, async () => void span.setAttribute('perfect.run.stretch', await next()))
    } finally {
      this.#runs.delete(run.runId)
    }
  }

  async #task(task: TaskMiddlewareContext, next: () => Promise<unknown>): Promise<void> {
    const { trace, context } = this.#api
    const active = context.active()
    const above = trace.getSpan(active) ? active : (this.#runs.get(task.runId) ?? active)
    const attributes = {
      ...runAttributes(task),
      'perfect.task.key': task.taskKey,
      'perfect.task.name': task.taskName,
      'perfect.attempt': task.attempt,
    }
    const span = this.#tracer.startSpan(`task ${task.taskName}`, { attributes }, above)
    await this.#inSpan(span, trace.setSpan(above, span), next)
  }

  async #inSpan(span: OpenTelemetry.Span, inside: OpenTelemetry.Context, run: () => Promise<unknown>): Promise<void> {
    try {
      await this.#api.context.with(inside, run)
    } catch (error) {
      this.#fail(span, error)
      throw error
    } finally {
      span.end()
    }
  }

  // A run that was cancelled did what it was told to.
  #fail(span: OpenTelemetry.Span, error: unknown): void {
    const isError = error instanceof Error
    span.setAttribute('error.type', PerfectError.is(error) ? error.code : isError ? error.name : typeof error)
    if (PerfectError.is(error, 'RUN_CANCELLED')) return
    const message = isError ? error.message : String(error)
    span.recordException(isError ? error : message)
    span.setStatus({ code: this.#api.SpanStatusCode.ERROR, message })
  }
}

function runAttributes(run: RunMiddlewareContext): OpenTelemetry.Attributes {
  return {
    'perfect.flow': run.flowId,
    'perfect.flow.version': run.flowVersion,
    'perfect.run.id': run.runId,
    'perfect.run.epoch': run.epoch,
    'perfect.configuration': run.configuration,
  }
}

/** Tracing, when the package for it is there and somebody takes the spans; null otherwise: then runs are not wrapped at all. */
export async function loadTracing(
  load: () => Promise<Api> = () => import('@opentelemetry/api'),
): Promise<Tracing | null> {
  try {
    const api = await load()
    return hasTaker(api) ? new Tracing(api) : null
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return null
    throw error
  }
}

// Until an SDK is set up, the provider of the package stands in for one, and has nobody to hand spans to.
function hasTaker({ trace }: Api): boolean {
  const provider: OpenTelemetry.TracerProvider & { getDelegateTracer?: (name: string) => unknown } =
    trace.getTracerProvider()
  return provider.getDelegateTracer === undefined || provider.getDelegateTracer(NAME) !== undefined
}
