/*
 * The rules of `storage/changes.ts` and `storage/storage.ts` as data, one file per kind of change or read. An adapter that passes all of
 * them can be used wherever a storage is asked for. Nothing here knows a test runner.
 */
import { alertCases } from './alerts.ts'
import { auditCases } from './audit.ts'
import { cacheCases } from './cache.ts'
import { cancelRunCases } from './cancel-run.ts'
import { changeRunCases } from './change-run.ts'
import { claimLimitCases } from './claim-limits.ts'
import { claimOrderCases } from './claim-order.ts'
import { claimRunCases } from './claim-run.ts'
import { claimableRunCases } from './claimable-runs.ts'
import { collapseCases } from './collapse.ts'
import { commitCases } from './commits.ts'
import { copyTaskCases, nextRunCases } from './copy-tasks.ts'
import { createRunCases } from './create-run.ts'
import { estimateCases } from './estimates.ts'
import { failureCases } from './failures.ts'
import { limitCases } from './limits.ts'
import { lineCases } from './line.ts'
import { listRunCases } from './list-runs.ts'
import { logCases } from './logs.ts'
import { pauseCases } from './pause.ts'
import { rateCases } from './rates.ts'
import { registryCases } from './registry.ts'
import { retentionCases } from './retention.ts'
import { runFilterCases } from './run-filters.ts'
import { scheduleCases } from './schedules.ts'
import { seenCases } from './seen.ts'
import { signalCases } from './signals.ts'
import { statCases } from './stats.ts'
import type { StorageCase } from './storage-case.ts'
import { taskCases } from './tasks.ts'
import { textCases } from './text.ts'
import { unusedSignalCases } from './unused-signals.ts'
import { versionCases } from './versions.ts'
import { viewCases } from './views.ts'
import { wakeCases } from './wakes.ts'

/**
 * What every storage must do. Run each case on a storage of its own.
 *
 * @example
 * ```ts
 * for (const one of storageCases)
 *   test(`${one.group}: ${one.title}`, async () => {
 *     const clock = new ManualClock()
 *     const storage = memoryStorage({ clock })
 *     await storage.open()
 *     await one.run(storage, { clock })
 *     await storage.close()
 *   })
 * ```
 */
export const storageCases: readonly StorageCase[] = [
  ...createRunCases,
  ...claimRunCases,
  ...changeRunCases,
  ...cancelRunCases,
  ...pauseCases,
  ...collapseCases,
  ...copyTaskCases,
  ...nextRunCases,
  ...taskCases,
  ...cacheCases,
  ...limitCases,
  ...claimLimitCases,
  ...rateCases,
  ...lineCases,
  ...signalCases,
  ...unusedSignalCases,
  ...wakeCases,
  ...logCases,
  ...listRunCases,
  ...runFilterCases,
  ...claimableRunCases,
  ...claimOrderCases,
  ...statCases,
  ...failureCases,
  ...alertCases,
  ...auditCases,
  ...viewCases,
  ...seenCases,
  ...retentionCases,
  ...scheduleCases,
  ...versionCases,
  ...registryCases,
  ...estimateCases,
  ...commitCases,
  ...textCases,
]
