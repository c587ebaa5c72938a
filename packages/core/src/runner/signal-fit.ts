import type { SignalWait } from '../definition/flow-scope.ts'
import { toPointer } from '../definition/standard-schema.ts'
import { PerfectError } from '../errors/perfect-error.ts'
import { serializeError } from '../errors/serialized-error.ts'
import { decodeValue, encodeValue } from '../primitives/value.ts'

/** Whether a signal is what a wait asks for. */
export type SignalFit =
  /** `value`: what the flow gets. */
  | { readonly ok: true; readonly value: string }
  | {
      readonly ok: false
      readonly why: string
      /** Each place, as a JSON pointer, with what is wrong there. */
      readonly errors: readonly { readonly pointer: string; readonly message: string }[]
      /** Whether it is only that somebody else has to decide. */
      readonly isForbidden: boolean
    }

/** What a wait has to say about a signal. */
export type SignalRule = Pick<SignalWait, 'kind' | 'name' | 'schema' | 'approvers'>

/** Whether what a signal carries is what a wait asks for. */
export async function fitSignal(value: string | null, rule: SignalRule): Promise<SignalFit> {
  const text = value ?? encodeValue(undefined, `signal "${rule.name}"`)
  if (rule.kind === 'approval') return fitDecision(text, rule)
  if (rule.schema === null) return { ok: true, value: text }
  try {
    const result = await rule.schema['~standard'].validate(decodeValue(text))
    if (!result.issues) return { ok: true, value: encodeValue(result.value, `signal "${rule.name}"`) }
    const errors = result.issues.map((issue) => ({ pointer: toPointer(issue), message: issue.message }))
    return unfit(errors.map(({ pointer, message }) => `${pointer}: ${message}`).join('; '), errors)
  } catch (error) {
    return unfit(PerfectError.is(error) ? error.message : serializeError(error).message)
  }
}

function fitDecision(text: string, { approvers }: SignalRule): SignalFit {
  const decision = decodeValue(text) as { readonly approved?: unknown; readonly by?: unknown } | null | undefined
  if (typeof decision?.approved !== 'boolean') {
    const message = 'must be true or false'
    return unfit(`/approved: ${message}`, [{ pointer: '/approved', message }])
  }
  const { by } = decision
  if (approvers === null || (typeof by === 'string' && approvers.includes(by))) return { ok: true, value: text }
  const who = typeof by === 'string' ? `"${by}"` : 'nobody in particular'
  return { ok: false, why: `only ${approvers.join(', ')} may decide, not ${who}`, errors: [], isForbidden: true }
}

function unfit(why: string, errors: readonly { readonly pointer: string; readonly message: string }[] = []): SignalFit {
  return { ok: false, why, errors, isForbidden: false }
}
