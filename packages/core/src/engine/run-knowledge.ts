import { Expectations } from './analytics/expectations.ts'
import { FlowModels } from './progress/flow-models.ts'
import { Learner } from './progress/learner.ts'
import { RunEstimates, type EstimateParts } from './progress/run-estimates.ts'
import { ShownRuns, type ShownParts } from './shown-runs.ts'

type KnowledgeParts = ConstructorParameters<typeof FlowModels>[0] &
  Omit<EstimateParts, 'models'> &
  Omit<ShownParts, 'estimates'>

/** What an engine knows of runs beside their records: what past ones took, and what that says about those that run. */
export interface RunKnowledge {
  readonly models: FlowModels
  readonly learner: Learner
  readonly estimates: RunEstimates
  readonly shown: ShownRuns
  readonly expectations: Expectations
}

/** Puts it together. */
export function createRunKnowledge(parts: KnowledgeParts): RunKnowledge {
  const models = new FlowModels(parts)
  const estimates = new RunEstimates({ ...parts, models })
  return {
    models,
    learner: new Learner({ ...parts, models }),
    estimates,
    shown: new ShownRuns({ ...parts, estimates }),
    expectations: new Expectations(),
  }
}
