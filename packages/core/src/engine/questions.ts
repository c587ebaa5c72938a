import type { EngineParts } from './engine-parts.ts'
/* What a host asks of an engine now and then is loaded with the first question: a host that only runs flows starts sooner. */
import type * as seldomAsked from './seldom-asked.ts'

/** What a part of an engine that answers such questions asks of it. */
export interface QuestionHost {
  readonly parts: EngineParts
  /** Makes the engine ready. */
  readonly start: () => Promise<void>
}

/** What is asked now and then. */
export type Questions = typeof seldomAsked

let loaded: Questions | undefined

/** Loads what is asked now and then, once. */
export async function questions(): Promise<Questions> {
  return (loaded ??= await import('./seldom-asked.ts'))
}
