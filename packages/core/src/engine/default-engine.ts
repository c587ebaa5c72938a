import { FlowEngine } from './flow-engine.ts'

let engine: FlowEngine | undefined

/** The one engine of this process, in memory, made at the first call; for small programs that need no second one. */
export function defaultEngine(): FlowEngine {
  engine ??= new FlowEngine()
  return engine
}
