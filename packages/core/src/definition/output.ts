import { PerfectError } from '../errors/perfect-error.ts'
import { toPointer, type StandardSchema } from './standard-schema.ts'

/**
 * The result of a flow as its schema gives it.
 *
 * @throws {PerfectError} OUTPUT_INVALID
 */
export async function checkOutput(flowName: string, schema: StandardSchema, output: unknown): Promise<unknown> {
  const result = await schema['~standard'].validate(output)
  if (!result.issues) return result.value
  const errors = result.issues.map((issue) => ({ pointer: toPointer(issue), message: issue.message }))
  const [first] = errors
  const where = first === undefined ? '' : ` At "${first.pointer}": ${first.message}.`
  throw new PerfectError(
    'OUTPUT_INVALID',
    `What flow "${flowName}" returned does not fit its "output".${where} Return what fits, or change the schema.`,
    { details: { flow: flowName, errors } },
  )
}
