import { isDeepStrictEqual } from 'node:util'

import type { Flow, FlowDefinition } from '../definition/flow.ts'
import { PerfectError } from '../errors/perfect-error.ts'

/** Anything that names a flow: the flow itself, its id or its name. */
// oxlint-disable-next-line typescript/no-explicit-any -- a flow of any input and output
export type FlowReference = Flow<any, any> | string

/** The flows that an engine knows. */
export class FlowRegistry {
  readonly #byId = new Map<string, FlowDefinition>()

  /**
   * Adds a flow. The same one twice changes nothing; code replaces a definition without code; a definition without code replaces an older one.
   *
   * @throws {PerfectError} FLOW_DUPLICATE when another flow with code has the id or the name.
   */
  add(definition: FlowDefinition): 'created' | 'updated' | 'unchanged' {
    const known = this.#byId.get(definition.id) ?? this.#byName(definition.name)
    if (known === definition) return 'unchanged'
    if (known && (known.run !== null || known.id !== definition.id)) throw duplicate(definition, known)
    if (known && definition.run === null && isDeepStrictEqual(known, definition)) return 'unchanged'
    this.#byId.set(definition.id, definition)
    return known ? 'updated' : 'created'
  }

  remove(id: string): boolean {
    return this.#byId.delete(id)
  }

  all(): readonly FlowDefinition[] {
    return [...this.#byId.values()]
  }

  find(idOrName: string): FlowDefinition | undefined {
    return this.#byId.get(idOrName) ?? this.#byName(idOrName)
  }

  /** @throws {PerfectError} FLOW_NOT_FOUND */
  get(reference: FlowReference): FlowDefinition {
    const key = typeof reference === 'string' ? reference : reference.definition.id
    const found = this.find(key)
    if (found) return found
    const known = this.all().map(({ id }) => id)
    throw new PerfectError(
      'FLOW_NOT_FOUND',
      `Flow ${JSON.stringify(key.slice(0, 200))} is not registered. Register it with engine.registerFlow() before. ${known.length === 0 ? 'No flow is registered yet.' : `Registered: ${known.slice(0, 10).join(', ')}.`}`,
      { details: { flow: key.slice(0, 200) } },
    )
  }

  /** Name of a flow that may be gone. */
  nameOf(id: string): string {
    return this.#byId.get(id)?.name ?? id
  }

  #byName(name: string): FlowDefinition | undefined {
    return this.all().find((definition) => definition.name === name)
  }
}

function duplicate(definition: FlowDefinition, known: FlowDefinition): PerfectError {
  return new PerfectError(
    'FLOW_DUPLICATE',
    `Flow "${definition.name}" cannot be registered: "${known.name}" has the id "${known.id}" already. Give one of them another name or id.`,
    { details: { name: definition.name, id: definition.id, registered: { name: known.name, id: known.id } } },
  )
}
