/* What a program gives when nothing goes wrong: the arithmetic that flows and the expectation share. */
import type { Program, ProgramNode } from './program.ts'

/** How a run of a program ends. */
export type ProgramOutcome = { readonly result: number } | { readonly error: string }

/** The result of a task call: depends on what came before, so that a wrong answer of the journal spoils everything after it. */
export function mix(label: string, value: number): number {
  let hash = value ^ 2_166_136_261
  for (let index = 0; index < label.length; index++) hash = Math.imul(hash ^ label.charCodeAt(index), 16_777_619)
  return hash >>> 0
}

/** What a signal of this name carries. */
export function payloadOf(signal: string): number {
  return mix(signal, 7)
}

/** What a flow is called with. */
export function childInput(value: number): number {
  return value % 1000
}

/** What stands for an item of a map that has failed. */
export function failedItem(map: string, item: number): number {
  return mix(`${map} ${String(item)} failed`, 0)
}

/** The result of several parts that ran side by side. */
export function join(label: string, values: readonly number[]): number {
  return values.reduce((total, value) => mix(label, total ^ value), mix(label, values.length))
}

class Failure extends Error {}

/** What stands for the end of a run that took too long. */
export const TIMED_OUT = 'took too long'

/** What a program must give for an input. @param attempt Which of the runs it is that are made of one. */
export function expectedOutcome({ body, policy }: Program, input: number, attempt: number): ProgramOutcome {
  try {
    const result = valueOf(body, input, attempt)
    return policy.timeoutMs === null ? { result } : { error: TIMED_OUT }
  } catch (error) {
    if (error instanceof Failure) return { error: error.message }
    throw error
  }
}

// Of a flow that is called, the last attempt counts.
const LAST_ATTEMPT = Infinity

function valueOf(node: ProgramNode, value: number, attempt: number): number {
  switch (node.kind) {
    case 'step': {
      if (node.failures === node.attempts) throw new Failure(node.id)
      let last = value
      for (let call = 0; call < node.repeat; call++) last = mix(node.id, last)
      return last
    }
    case 'sequence':
      return node.nodes.reduce((last, part) => valueOf(part, last, attempt), value)
    case 'sleep':
    case 'log':
      return value
    case 'signal':
    case 'approval':
      return mix(node.id, value ^ payloadOf(node.id))
    case 'child':
      return mix(node.id, valueOf(node.program.body, childInput(value), LAST_ATTEMPT))
    case 'cached':
      return mix(node.id, value ^ payloadOf(node.id))
    case 'fragile':
      if (attempt === 1) throw new Failure(node.id)
      return mix(node.id, value)
    case 'scope':
      return valueOf(node.body, value, attempt)
    case 'all':
      return join(
        node.id,
        node.branches.map((branch) => valueOf(branch, value, attempt)),
      )
    case 'map':
      return join(
        node.id,
        Array.from({ length: node.items }, (_, item) => {
          const result = valueOf(node.body, mix(String(item), value), attempt)
          return node.failing?.includes(item) ? failedItem(node.id, item) : result
        }),
      )
    case 'burst':
      return join(
        node.id,
        Array.from({ length: node.count }, (_, item) => mix(node.id, value + item)),
      )
    case 'guarded':
      try {
        return valueOf(node.body, value, attempt)
      } catch (error) {
        if (error instanceof Failure) return mix(error.message, value)
        throw error
      }
    case 'throw':
      throw new Failure(node.id)
    default:
      throw new TypeError('unknown part of a program')
  }
}
