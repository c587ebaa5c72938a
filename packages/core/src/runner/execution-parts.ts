import type { Clock } from '../primitives/clock.ts'
import type { Children } from './call-child.ts'
import type { MiddlewareChain } from './middleware-chain.ts'
import type { ParkingRules } from './parking.ts'

/** What an execution works with. */
export interface ExecutionParts extends ParkingRules {
  readonly clock: Clock
  readonly random: () => number
  /** How long a cancelled run may take to end by itself. Unit: ms. Range: >= 0. */
  readonly cancelGraceMs: number
  /** How long undoing a failed or cancelled run may take. Unit: ms. Range: >= 0. */
  readonly compensateGraceMs: number
  readonly middleware: MiddlewareChain
  readonly children: Children
}
