/*
 * Which failures are the same one: the code, the task, and the message without what differs from run to run. Pure.
 */
import type { SerializedError } from '../errors/serialized-error.ts'
import { hashText } from '../primitives/fingerprint.ts'

/** A kind of failure. */
export interface FailurePattern {
  readonly fingerprint: string
  readonly code: string | null
  /** The message with marks for what differs: `No row <number> in <path>`. */
  readonly pattern: string
  /** The message as it was, shortened. */
  readonly message: string
}

// What is cut off is read by nobody in a list; the bound also bounds the work on hostile text.
const MAX_READ_CHARS = 1000
const MAX_CHARS = 300
const MAX_CAUSES = 8

// The order counts: what is inside of something larger goes with it. Each pattern is linear in the length of the text.
const MARKS: readonly (readonly [pattern: RegExp, mark: string])[] = [
  [/"[^"]*"|`[^`]*`|(?<![\p{L}\d])'[^']*'(?![\p{L}\d])/gu, '<text>'],
  [/\b[a-z][a-z\d+.-]{0,20}:\/\/[^\s<>]+/gi, '<url>'],
  [/[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{1,100}/g, '<email>'],
  [/\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?/g, '<time>'],
  [/\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/gi, '<id>'],
  [/(?<![\w<])(?:[A-Za-z]:)?(?:[.~]{0,2}[\\/][\w.@%+-]+){1,60}[\\/]?(?::\d+){0,2}/g, '<path>'],
  // A word with digits in it that is long, or has an underscore or a hyphen before them: run_01j9…, order-17, 0x7ffe…, a hash.
  [
    /\b(?=[\w-]*\d)(?:[a-z]+[_-][\w-]*\d[\w-]*|0x[\da-f]+|(?=\d*[a-f])[\da-f]{8,64}|(?=\d*[a-z])[\da-z]{16,128})\b/gi,
    '<id>',
  ],
  [/(?<![\w<])[+-]?\d[\d.,_]*(?:e[+-]?\d+)?/gi, '<number>'],
  [/(?<=[A-Za-z])\d+/g, '<number>'],
]

/** @param task Name of the task that failed; null when the flow itself did. */
export function failurePattern(error: SerializedError | null, task: string | null): FailurePattern {
  const code = error?.code ?? null
  const message = firstLine(error?.message ?? '')
  let pattern = message
  for (const [found, mark] of MARKS) pattern = pattern.replaceAll(found, mark)
  pattern = pattern.replaceAll(/\s+/g, ' ').trim().slice(0, MAX_CHARS)
  const fingerprint = hashText(JSON.stringify([code ?? error?.name ?? null, task, pattern]))
  return { fingerprint, code, pattern, message: message.slice(0, MAX_CHARS) }
}

/** Whether the error of a task is what a run failed with, or one of its causes. */
export function isCause(error: SerializedError | null, ofTask: SerializedError | null): boolean {
  if (ofTask === null) return false
  let one: SerializedError | undefined = error ?? undefined
  for (let depth = 0; one !== undefined && depth <= MAX_CAUSES; depth++) {
    if (one.message === ofTask.message && one.code === ofTask.code) return true
    one = one.cause
  }
  return false
}

function firstLine(text: string): string {
  const read = text.slice(0, MAX_READ_CHARS)
  return (
    read
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.trim() ?? ''
  )
}
