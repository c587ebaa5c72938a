import type { ApiError } from '../../api/api-error.ts'
import type { InputField } from './input-schema.ts'

/** Messages of a refusal by the field they belong to. Pointers may start at the input or at the request that holds it. */
export function problemsOf(error: ApiError | null, fields: readonly InputField[]): ReadonlyMap<string, string> {
  const problems = new Map<string, string>()
  for (const { pointer, message } of error?.fields ?? []) {
    const field = fieldAt(pointer, fields)
    if (field !== null && !problems.has(field)) problems.set(field, message)
  }
  return problems
}

/** Name of the field that a pointer leads to; null when it is none of the form's. */
export function fieldAt(pointer: string, fields: readonly InputField[]): string | null {
  const path = pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  const names = new Set(fields.map(({ name }) => name))
  const [first = '', second = ''] = path
  if (first === 'input' && names.has(second)) return second
  return names.has(first) ? first : null
}

/**
 * Idempotency key of one intention to run a flow: the same request sent twice (a lost answer, a double click) starts one run, a
 * changed one is another intention.
 */
export class RequestKey {
  #body = ''
  #key = ''

  for(request: unknown): string {
    const body = JSON.stringify(request)
    if (body !== this.#body) {
      this.#body = body
      this.#key = randomKey()
    }
    return this.#key
  }
}

/** `crypto.randomUUID` is missing on pages that are served over plain HTTP. */
function randomKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
