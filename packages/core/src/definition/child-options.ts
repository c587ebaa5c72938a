/** How a flow is called by another one, when it matters. */
export interface ChildOptions {
  /** Tells this call from others of the same flow in its scope, so that several can be in flight. Default: calls are counted. */
  readonly key?: string | number
  /** Share of the calling run's progress. Range: > 0. Default: 1. */
  readonly weight?: number
  /** Default: that of the calling run. */
  readonly configuration?: string
  /** Place in line among all runs: larger goes first. Range: -10..10. Default: what the flow says, else 0. */
  readonly priority?: number
  /** Words to find the run by, beside those of the flow. */
  readonly tags?: readonly string[]
  /** Facts to find the run by. */
  readonly attributes?: Readonly<Record<string, string | number | boolean>>
}
