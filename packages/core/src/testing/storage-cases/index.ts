/*
 * The rules of `storage/changes.ts` and `storage/storage.ts` as data, one file per kind of change or read. An adapter that passes all of
 * them can be used wherever a storage is asked for. Nothing here knows a test runner.
 */
import { cancelRunCases } from './cancel-run.ts'
import { changeRunCases } from './change-run.ts'
import { claimRunCases } from './claim-run.ts'
import { claimableRunCases } from './claimable-runs.ts'
import { commitCases } from './commits.ts'
import { createRunCases } from './create-run.ts'
import { listRunCases } from './list-runs.ts'
import { logCases } from './logs.ts'
import { registryCases } from './registry.ts'
import type { StorageCase } from './storage-case.ts'
import { taskCases } from './tasks.ts'
import { textCases } from './text.ts'

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
  ...taskCases,
  ...logCases,
  ...listRunCases,
  ...claimableRunCases,
  ...registryCases,
  ...commitCases,
  ...textCases,
]
