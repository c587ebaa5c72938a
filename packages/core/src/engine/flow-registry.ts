import { isDeepStrictEqual } from 'node:util'

import type { Flow, FlowDefinition } from '../definition/flow.ts'
import { PerfectError } from '../errors/perfect-error.ts'
import type { RunRecord } from '../storage/records.ts'
import { toRegistration } from './flow-store.ts'

/** Anything that names a flow: the flow itself, its id or its name. */
// oxlint-disable-next-line typescript/no-explicit-any -- a flow of any input and output
export type FlowReference = Flow<any, any> | string

/** The flows that an engine knows. */
export class FlowRegistry {
  readonly #byId = new Map<string, FlowDefinition>()
  // Older code of flows that are registered in a newer version too: runs that began with it go on with it.
  readonly #older = new Map<string, FlowDefinition>()

  /**
   * Adds a flow. The same one twice changes nothing; code replaces a definition without code; a definition without code replaces an older
   * one; code of another version is kept beside, and the version that was added last is the one that new runs get.
   *
   * @throws {PerfectError} FLOW_DUPLICATE when another flow with code has the id or the name, in the same version.
   */
  add(definition: FlowDefinition): 'created' | 'updated' | 'unchanged' {
    const known = this.#byId.get(definition.id) ?? this.#byName(definition.name)
    if (known === definition) return 'unchanged'
    if (known && this.#isOtherVersion(definition, known)) this.#older.set(versionKey(known.id, known.version), known)
    else if (known && (known.run !== null || known.id !== definition.id)) throw duplicate(definition, known)
    if (known?.run === null && definition.run === null && isSame(known, definition)) return 'unchanged'
    this.#byId.set(definition.id, definition)
    return known ? 'updated' : 'created'
  }

  remove(id: string): boolean {
    for (const [key, older] of this.#older) if (older.id === id) this.#older.delete(key)
    return this.#byId.delete(id)
  }

  /** The code for a run: that of its own version, when it is registered, else the one that new runs get. */
  forRun(run: Pick<RunRecord, 'flowId' | 'flowVersion'>): FlowDefinition | undefined {
    return this.#older.get(versionKey(run.flowId, run.flowVersion)) ?? this.#byId.get(run.flowId)
  }

  /** Every version of every flow. */
  versions(): readonly FlowDefinition[] {
    return [...this.#older.values(), ...this.#byId.values()]
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
      `Flow ${JSON.stringify(key.slice(0, 200))} is not registered. Register it with engine.registerFlow(), or start the worker that has it. ${known.length === 0 ? 'No flow is registered yet.' : `Registered: ${known.slice(0, 10).join(', ')}.`}`,
      { details: { flow: key.slice(0, 200) } },
    )
  }

  /** Name of a flow that may be gone. */
  nameOf(id: string): string {
    return this.#byId.get(id)?.name ?? id
  }

  #isOtherVersion(definition: FlowDefinition, known: FlowDefinition): boolean {
    const isKnown =
      definition.version === known.version || this.#older.has(versionKey(definition.id, definition.version))
    return definition.run !== null && known.run !== null && known.id === definition.id && !isKnown
  }

  #byName(name: string): FlowDefinition | undefined {
    return this.all().find((definition) => definition.name === name)
  }
}

/** Whether two definitions without code say the same. */
function isSame(known: FlowDefinition, definition: FlowDefinition): boolean {
  return isDeepStrictEqual(toRegistration(known), toRegistration(definition))
}

function versionKey(flowId: string, version: string): string {
  return JSON.stringify([flowId, version])
}

function duplicate(definition: FlowDefinition, known: FlowDefinition): PerfectError {
  return new PerfectError(
    'FLOW_DUPLICATE',
    `Flow "${definition.name}" cannot be registered: "${known.name}" has the id "${known.id}" already. Give one of them another name or id.`,
    { details: { name: definition.name, id: definition.id, registered: { name: known.name, id: known.id } } },
  )
}
