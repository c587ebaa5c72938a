import type { Clock } from '../primitives/clock.ts'
import type { Children } from './call-child.ts'
import type { ExecutionEnd, FlowExecution } from './flow-execution.ts'
import type { MiddlewareChain } from './middleware-chain.ts'
import type { ParkingRules } from './parking.ts'
import type { SlotLine } from './slot-line.ts'

/** What an execution works with. */
export interface ExecutionParts extends ParkingRules {
  readonly clock: Clock
  readonly random: () => number
  /** How long a cancelled run may take to end by itself. Unit: ms. Range: >= 0. */
  readonly cancelGraceMs: number
  /** How long undoing a failed or cancelled run may take. Unit: ms. Range: >= 0. */
  readonly compensateGraceMs: number
  readonly middleware: MiddlewareChain
  /** Calls of all runs that wait for a place of a limit. */
  readonly slots: SlotLine
  /** A value that a task has kept for others. */
  readonly cached: (key: string) => Promise<string | undefined>
  readonly children: Children
  /** Called once for each execution, when it is over. */
  readonly onEnd: (execution: FlowExecution, end: ExecutionEnd) => void
}
