import type { ErrorCode } from './codes.ts'

/** Whether something can be done now, and else why not. */
export type ActionView =
  | { readonly ok: true }
  | {
      readonly ok: false
      /** What it would be refused with. */
      readonly code: ErrorCode
      /** For people. */
      readonly why: string
    }

/** What can be done with something now. */
export type ActionsView<A extends string> = Readonly<Record<A, ActionView>>
