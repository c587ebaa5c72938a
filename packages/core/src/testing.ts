/**
 * For tests of flows and of adapters: an engine whose time, chance and crashes are in the hands of the test, a clock that a test moves, a
 * storage that fails by plan, and the rules that every storage keeps.
 *
 * @packageDocumentation
 */
export { faultyStorage, type FaultPlan, type FaultyStorage } from './testing/faulty-storage.ts'
export { ManualClock } from './testing/manual-clock.ts'
export { aFlow, aHeldRun, aLogLine, anEngine, aRun, aTask } from './testing/records.ts'
export { storageCases } from './testing/storage-cases/index.ts'
export type { StorageCase, StorageCaseTools } from './testing/storage-cases/storage-case.ts'
export { seededRandom } from './testing/seeded-random.ts'
export type { CrashPoint } from './testing/test-engine/crash-points.ts'
export type { EndedRun } from './testing/test-engine/ended-run.ts'
export {
  testEngine,
  type RunLimit,
  type TestEngine,
  type TestEngineOptions,
} from './testing/test-engine/test-engine.ts'
export { interceptStorage, type StorageCall, type StorageInterceptor } from './testing/intercept-storage.ts'
