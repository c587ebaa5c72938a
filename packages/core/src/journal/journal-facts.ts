import type { Configuration } from '../definition/configuration.ts'
import type { FlowDefinition } from '../definition/flow.ts'
import type { LearnedPlan } from './learned-plan.ts'

/** What a journal knows of its run beside the records. */
export interface JournalFacts {
  readonly definition: FlowDefinition
  readonly configuration: Configuration
  /** What past runs say of the tasks to come. */
  readonly learned: LearnedPlan
}
