/* What a host asks of an engine now and then is loaded with the first question: a host that only runs flows starts sooner. */
import type * as seldomAsked from './seldom-asked.ts'

/** What is asked now and then. */
export type Questions = typeof seldomAsked

let loaded: Questions | undefined

/** Loads what is asked now and then, once. */
export async function questions(): Promise<Questions> {
  return (loaded ??= await import('./seldom-asked.ts'))
}
