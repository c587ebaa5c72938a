import { PerfectError } from '../errors/perfect-error.ts'
import { flowScope } from './ambient.ts'
import type { ChildOptions } from './child-options.ts'
import type { Flow } from './flow.ts'
import { toRemoteDefinition } from './remote-flow.ts'
import { checkWeight } from './task.ts'

/**
 * A flow that remote workers run, to be called by flows of this process: it is a run of its own, for whose end the caller waits. What
 * else is known of the flow is what a worker announces, or what was registered; this only names it.
 *
 * @param name Its name or its id.
 * @throws {PerfectError} FLOW_DEFINITION_INVALID
 * @example
 * ```ts
 * const train = workerFlow<{ epochs: number }, { accuracy: number }>('train-model')
 * const nightly = flow('nightly', async () => (await train({ epochs: 10 })).accuracy)
 * ```
 */
export function workerFlow<In = void, Out = unknown>(name: string): Flow<In, Out> {
  const definition = toRemoteDefinition({ name })
  const callWith =
    (options: ChildOptions) =>
    async (input: In): Promise<Out> => {
      const scope = flowScope()
      if (scope) return (await scope.child(definition, input, options)) as Out
      throw new PerfectError(
        'FLOW_DEFINITION_INVALID',
        `Flow "${name}" has no code in this process: workers run it. Call it in a flow that an engine runs, or trigger it.`,
        { details: { flow: name } },
      )
    }
  const withOptions = (options: ChildOptions): ReturnType<typeof callWith> => {
    if (options.weight !== undefined) checkWeight(options.weight, name)
    return callWith({ ...options })
  }
  return Object.freeze(Object.assign(callWith({}), { flowName: name, definition, with: withOptions }))
}
