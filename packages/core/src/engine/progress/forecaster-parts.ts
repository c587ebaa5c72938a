/* What learns from runs and foretells them, as one module that `forecaster.ts` loads. */
export { estimateRun } from './estimate-run.ts'
export { FlowModel } from './flow-model.ts'
export { learnHistory } from './learn-history.ts'
export { toLearnedRun } from './learned-run.ts'
export { NOTHING_SEEN, predictRun } from './predict-run.ts'
export { observeRun } from './run-observation.ts'
export { ShownEstimate } from './shown-estimate.ts'
export { hash } from './twin/draws.ts'
