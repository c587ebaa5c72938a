import { join } from 'node:path'

import { FlowEngine, type Flow } from '@perfect/core'
import { sqliteStorage } from '@perfect/core/sqlite'

/** A storage for a side: a file, fully durable. */
export function fileStorage(folder: string): ReturnType<typeof sqliteStorage> {
  return sqliteStorage(join(folder, 'engine.db'), { durability: 'full' })
}

/** An engine with its defaults that runs a flow. */
export async function startEngine<In, Out>(
  storage: ReturnType<typeof sqliteStorage>,
  flow: Flow<In, Out>,
  concurrency: number,
): Promise<FlowEngine> {
  const engine = new FlowEngine({ storage, concurrency })
  engine.registerFlow(flow)
  await engine.start()
  return engine
}

/** Ends an engine; throws unless exactly so many runs have succeeded. */
export async function stopEngine(
  engine: FlowEngine,
  storage: ReturnType<typeof sqliteStorage>,
  runs: number,
): Promise<void> {
  const { succeeded } = await storage.stats.counts()
  await engine.stop()
  if (succeeded !== runs) throw new Error(`The engine stored ${String(succeeded)} runs instead of ${String(runs)}.`)
}

/** Triggers a flow and waits for its result. */
export async function runOnce<In, Out>(engine: FlowEngine, flow: Flow<In, Out>, input: In): Promise<Out> {
  const handle = await engine.triggerFlow(flow, { input, configuration: 'release' })
  return handle.result()
}
