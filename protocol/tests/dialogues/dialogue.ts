/* Scripted dialogues of the worker protocol: read from JSON, and matched with what the other side says. */
import { readdirSync, readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'

export type Message = Readonly<Record<string, unknown>>

/** One step of a dialogue. Texts that begin with `$` are variables: the first message that has one sets it. */
export type Step =
  /** The worker connects. */
  | { readonly connect: true }
  /** Both sides lose the connection. */
  | { readonly drop: true }
  /** The engine ends the connection with this code. */
  | { readonly closed: number }
  | { readonly worker: Message }
  | { readonly engine: Message }
  /** Events that the worker sends, in as many messages as it likes. */
  | { readonly events: readonly Message[]; readonly runId: string; readonly epoch: number; readonly firstSeq: number }
  /** Nothing that fits comes from the other side for a while. */
  | { readonly quiet: Message }
  /** Somebody asks the engine for something. */
  | { readonly trigger: { readonly flow: string; readonly input?: unknown } }
  | { readonly cancel: string }
  /** What the engine has of a run at last. */
  | { readonly run: string; readonly is: Message }

export interface Dialogue {
  readonly name: string
  readonly title: string
  /** The only side that can be tested with it, since the other one cannot be made to say its part. Default: both. */
  readonly tests?: 'sdk' | 'engine'
  readonly steps: readonly Step[]
}

const FOLDER = new URL('../../dialogues/', import.meta.url)

/** The dialogues that test a side. */
export function dialoguesFor(side: 'sdk' | 'engine'): readonly Dialogue[] {
  return readdirSync(FOLDER)
    .toSorted()
    .map((file) => {
      const content = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Omit<Dialogue, 'name'>
      return { ...content, name: file.replace('.json', '') }
    })
    .filter(({ tests = side }) => tests === side)
}

/** The variables of a dialogue that is played. */
export class Variables {
  readonly #values = new Map<string, unknown>()

  /** A message with the variables put in; one that has no value yet gets a new one. */
  filled(value: unknown): unknown {
    if (typeof value === 'string' && value.startsWith('$')) {
      const known = this.#values.get(value) ?? `${value.slice(1)}_${crypto.randomUUID().slice(0, 8)}`
      this.#values.set(value, known)
      return known
    }
    if (Array.isArray(value)) return value.map((item) => this.filled(item))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, this.filled(item)]))
  }

  /** Whether a value has all that a pattern names. Sets the variables of a pattern that fits. */
  match(pattern: unknown, value: unknown): boolean {
    const found = new Map(this.#values)
    if (!fits(pattern, value, found)) return false
    for (const [name, one] of found) this.#values.set(name, one)
    return true
  }
}

function fits(pattern: unknown, value: unknown, found: Map<string, unknown>): boolean {
  if (typeof pattern === 'string' && pattern.startsWith('$')) {
    if (!found.has(pattern)) found.set(pattern, value)
    return isDeepStrictEqual(found.get(pattern), value)
  }
  if (Array.isArray(pattern))
    return (
      Array.isArray(value) &&
      pattern.length === value.length &&
      pattern.every((item, n) => fits(item, (value as readonly unknown[])[n], found))
    )
  if (typeof pattern !== 'object' || pattern === null) return pattern === value
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(pattern).every(([name, item]) => fits(item, (value as Message)[name], found))
}
