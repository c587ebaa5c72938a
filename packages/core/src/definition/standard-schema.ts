/*
 * The part of the Standard Schema interface that we use, so that Zod, Valibot, ArkType and others all fit without being a dependency.
 * Source: the Standard Schema and Standard JSON Schema specifications, version 1.
 */

/** A problem that a schema found. */
export interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

/** A schema of any library that follows the Standard Schema specification. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    /** Checks a value; gives what the flow gets, or the issues. */
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
    readonly jsonSchema?: {
      /** JSON Schema of what it accepts. */
      readonly input: (options: { readonly target: 'draft-2020-12' }) => Record<string, unknown>
    }
  }
}

/** What a schema accepts. */
export type SchemaInput<S extends StandardSchema> = NonNullable<S['~standard']['types']>['input']

/** What a schema gives. */
export type SchemaOutput<S extends StandardSchema> = NonNullable<S['~standard']['types']>['output']

/** JSON Schema of what a schema accepts; null when its library cannot tell. */
export function toJsonSchema(schema: StandardSchema): Readonly<Record<string, unknown>> | null {
  try {
    return schema['~standard'].jsonSchema?.input({ target: 'draft-2020-12' }) ?? null
  } catch {
    // A schema may hold what JSON Schema has no word for, for example a date; the input is validated all the same.
    return null
  }
}

/** Where an issue is, as a JSON pointer. Source: RFC 6901. */
export function toPointer(issue: SchemaIssue): string {
  const steps = (issue.path ?? []).map((step) => String(typeof step === 'object' ? step.key : step))
  return steps.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
