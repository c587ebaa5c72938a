import { FlowEngine, type EngineOptions, type Flow } from '@perfect/core'
import { afterEach } from 'vitest'

const engines: FlowEngine[] = []

afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.stop({ drainMs: 100 })))
})

/** A started engine with these flows; stopped after the test. */
// oxlint-disable-next-line typescript/no-explicit-any -- flows of any input and output
export async function startEngine(options: EngineOptions, ...flows: readonly Flow<any, any>[]): Promise<FlowEngine> {
  const engine = new FlowEngine(options)
  engines.push(engine)
  for (const one of flows) engine.registerFlow(one)
  await engine.start()
  return engine
}
