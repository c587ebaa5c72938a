/**
 * For tests of flows and of adapters: a clock that a test moves, a storage that fails by plan, and the rules that every storage keeps.
 *
 * @packageDocumentation
 */
export { faultyStorage, type FaultPlan, type FaultyStorage } from './testing/faulty-storage.ts'
export { ManualClock } from './testing/manual-clock.ts'
export { aFlow, aHeldRun, aLogLine, anEngine, aRun, aTask } from './testing/records.ts'
export { storageCases } from './testing/storage-cases/index.ts'
export type { StorageCase, StorageCaseTools } from './testing/storage-cases/storage-case.ts'
