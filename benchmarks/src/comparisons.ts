import { apiLoad } from './api-load/comparison.ts'
import { durableRuns } from './durable-runs/comparison.ts'
import { fanOut } from './fan-out/comparison.ts'
import { footprint } from './footprint/comparison.ts'
import type { Comparison } from './harness/comparison.ts'
import { idleTrigger } from './idle-trigger/comparison.ts'
import { livePush } from './live-push/comparison.ts'
import { againstOpenworkflow } from './openworkflow/comparison.ts'
import { recovery } from './recovery/comparison.ts'
import { remoteRuns } from './remote-runs/comparison.ts'
import { runLists } from './run-lists/comparison.ts'
import { sequentialTasks } from './sequential-tasks/comparison.ts'
import { sleepingRuns } from './sleeping-runs/comparison.ts'

/** All comparisons, in the order in which they are printed. */
export const comparisons: readonly Comparison[] = [
  durableRuns,
  againstOpenworkflow,
  sequentialTasks,
  fanOut,
  idleTrigger,
  footprint,
  sleepingRuns,
  runLists,
  recovery,
  remoteRuns,
  apiLoad,
  livePush,
]
