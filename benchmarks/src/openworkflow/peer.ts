/*
 * The three tasks on openworkflow. It is not in the workspace, so its types are stated here as far as they are used.
 * It leaves `synchronous` of SQLite at its default, which is FULL, in WAL mode: the durability of the engine.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { reportFigures } from '../harness/side.ts'
import { measureThroughput } from '../harness/throughput.ts'

interface Step {
  run<R>(options: { readonly name: string }, work: () => Promise<R>): Promise<R>
}
interface Peer {
  defineWorkflow(
    spec: { readonly name: string },
    run: (call: { readonly input: number; readonly step: Step }) => Promise<number>,
  ): { run(input: number): Promise<unknown> }
  newWorker(options: { readonly concurrency: number }): { start(): Promise<void>; stop(): Promise<void> }
}
interface Backend {
  countWorkflowRuns(): Promise<{ readonly completed: number }>
  stop(): Promise<void>
}
interface PeerModule {
  readonly OpenWorkflow: new (options: { readonly backend: Backend }) => Peer
}
interface BackendModule {
  readonly BackendSqlite: { connect(path: string): Backend }
}

const FOLDER = new URL('../../peers/node_modules/openworkflow/dist/', import.meta.url)

async function load<Module>(file: string): Promise<Module> {
  return (await import(fileURLToPath(new URL(file, FOLDER)))) as Module
}

await reportFigures(async ({ folder, load: { concurrency, ...rest } }) => {
  const { OpenWorkflow } = await load<PeerModule>('index.js')
  const { BackendSqlite } = await load<BackendModule>('sqlite.js')
  const backend = BackendSqlite.connect(join(folder, 'peer.db'))
  const peer = new OpenWorkflow({ backend })
  const ended = new Map<number, () => void>()
  const workflow = peer.defineWorkflow({ name: 'three tasks' }, async ({ input, step }) => {
    const first = await step.run({ name: 'first' }, () => Promise.resolve(input))
    const second = await step.run({ name: 'second' }, () => Promise.resolve(first + 1))
    const third = await step.run({ name: 'third' }, () => Promise.resolve(second + 1))
    // Its own way to wait for a result polls once a second; this one tells at once, even before the result is stored.
    ended.get(input)?.()
    return third + 1
  })
  const worker = peer.newWorker({ concurrency })
  await worker.start()
  const run = async (index: number): Promise<void> => {
    const end = new Promise<void>((resolve) => ended.set(index, resolve))
    await workflow.run(index)
    await end
  }
  const close = async (runs: number): Promise<void> => {
    await worker.stop()
    const { completed } = await backend.countWorkflowRuns()
    await backend.stop()
    if (completed !== runs) throw new Error(`openworkflow stored ${String(completed)} runs instead of ${String(runs)}.`)
  }
  return measureThroughput({ run, close }, { concurrency, ...rest })
})
