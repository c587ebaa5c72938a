import type { ErrorCode } from '../errors/codes.ts'
import { PerfectError } from '../errors/perfect-error.ts'

const MAX_NAME_CHARS = 200
const MAX_ID_CHARS = 100

/** Checks the name of a task or scope: it becomes a part of checkpoint keys, so it may not contain what they are built with. */
export function checkTaskName(name: unknown): asserts name is string {
  checkName(name, 'TASK_DEFINITION_INVALID', 'task')
  if (/[/[\]#]/.test(name))
    throw new PerfectError(
      'TASK_DEFINITION_INVALID',
      `The task name ${JSON.stringify(name)} contains one of / [ ] #, which checkpoint keys are built with. Use other characters.`,
      { details: { field: 'name', value: name } },
    )
}

/** Checks the name of a flow. */
export function checkFlowName(name: unknown): asserts name is string {
  checkName(name, 'FLOW_DEFINITION_INVALID', 'flow')
}

function checkName(name: unknown, code: ErrorCode, kind: string): asserts name is string {
  if (typeof name === 'string' && name.trim() !== '' && name.length <= MAX_NAME_CHARS && !hasControlCharacter(name))
    return
  throw new PerfectError(
    code,
    `A ${kind} needs a name of 1 to ${String(MAX_NAME_CHARS)} characters without control characters, not ${shown(name)}.`,
    { details: { field: 'name', value: shown(name) } },
  )
}

function hasControlCharacter(text: string): boolean {
  // eslint-disable-next-line no-control-regex
  return /[\u0000-\u001f\u007f]/.test(text)
}

/** Identifier of a flow in URLs, made from its name: `"ETL Pipeline"` is `etl-pipeline`. */
export function toFlowId(name: string): string {
  const slug = name
    .normalize('NFKD')
    .replaceAll(/\p{Mark}/gu, '')
    .toLowerCase()
    .replaceAll(/[^\p{Letter}\p{Number}]+/gu, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, MAX_ID_CHARS)
  // A name of signs only still needs an identifier.
  return slug === '' ? `flow-${Buffer.from(name).toString('hex').slice(0, 16)}` : slug
}

/** Checks an identifier that the host chose for a flow. */
export function checkFlowId(id: unknown): asserts id is string {
  if (
    typeof id === 'string' &&
    id.length <= MAX_ID_CHARS &&
    /^[\p{Letter}\p{Number}][\p{Letter}\p{Number}._-]*$/u.test(id)
  )
    return
  throw new PerfectError(
    'FLOW_DEFINITION_INVALID',
    `The flow id ${shown(id)} is not valid. Use 1 to ${String(MAX_ID_CHARS)} letters, digits, dots, dashes or underscores, the first one a letter or digit.`,
    { details: { field: 'id', value: shown(id) } },
  )
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, MAX_NAME_CHARS)) : `a ${typeof value}`
}
