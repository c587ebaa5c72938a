import type { FlowDefinition } from '../definition/flow.ts'
import { toPointer, type SchemaIssue } from '../definition/standard-schema.ts'
import { PerfectError } from '../errors/perfect-error.ts'
import { encodeValue } from '../primitives/value.ts'
import type { EngineParts } from './engine-parts.ts'

/** The input of a run as its flow takes it. */
export interface CheckedInput {
  readonly value: unknown
  readonly text: string | null
}

/**
 * Refuses a run that its flow, or this engine, would not take; gives its input, also as text.
 *
 * @throws {PerfectError} CONFIGURATION_INVALID, INPUT_INVALID, VALUE_UNSERIALIZABLE
 */
export async function checkTrigger(
  parts: Pick<EngineParts, 'configurations'>,
  definition: FlowDefinition,
  { configuration, input }: { readonly configuration: string; readonly input: unknown },
): Promise<CheckedInput> {
  checkConfiguration(parts, configuration)
  return checkInput(definition, input)
}

/** @throws {PerfectError} CONFIGURATION_INVALID */
export function checkConfiguration({ configurations }: Pick<EngineParts, 'configurations'>, name: string): void {
  if (configurations.has(name)) return
  throw new PerfectError(
    'CONFIGURATION_INVALID',
    `Configuration ${JSON.stringify(name)} is not known. Give one of ${[...configurations.keys()].join(', ')}.`,
    { details: { field: 'configuration', value: name } },
  )
}

/**
 * The checked input of a run, as text.
 *
 * @throws {PerfectError} INPUT_INVALID, VALUE_UNSERIALIZABLE
 */
async function checkInput(definition: FlowDefinition, input: unknown): Promise<CheckedInput> {
  const what = `input of flow "${definition.name}"`
  const checked = (value: unknown): CheckedInput => ({
    value,
    text: value === undefined ? null : encodeValue(value, what),
  })
  if (definition.input === null) return checked(input)
  const result = await definition.input['~standard'].validate(input)
  if (result.issues) throw invalidInput(definition, result.issues)
  return checked(result.value)
}

function invalidInput(definition: FlowDefinition, issues: readonly SchemaIssue[]): PerfectError {
  const errors = issues.map((issue) => ({ pointer: toPointer(issue), message: issue.message }))
  const first = errors[0]
  const where = first === undefined ? '' : ` At "${first.pointer}": ${first.message}.`
  return new PerfectError(
    'INPUT_INVALID',
    `The input does not fit flow "${definition.name}".${where} Trigger it with input that fits its schema.`,
    { details: { flow: definition.id, errors } },
  )
}
