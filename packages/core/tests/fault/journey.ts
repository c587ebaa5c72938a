/* A run that writes to its journal in every way, for a process that is killed at each of its writes. */
import { appendFileSync } from 'node:fs'

import {
  approval,
  current,
  flow,
  map,
  sleep,
  step,
  task,
  waitFor,
  type FlowEngine,
  type RunHandle,
} from '@perfect/core'
import type { Flow } from '@perfect/core'

/** What a journey gives. */
export const JOURNEY_RESULT = 'a1 m1 m2 once part go yes'
const KEY = 'the journey'

/** An entry of the diary of a process. */
export type JourneyEntry = { readonly started: string } | { readonly triggered: string } | { readonly sent: string }

/** Writes to a diary that outlives the process. */
export function diaryOf(path: string): (entry: JourneyEntry) => void {
  return (entry) => appendFileSync(path, `${JSON.stringify(entry)}\n`)
}

/** The flows of a journey. */
function journeyFlows(write: (entry: JourneyEntry) => void): readonly [Flow<void, string>, Flow<void, string>] {
  const started = <T>(value: T): T => {
    const { runId, key } = current()
    write({ started: `${runId} ${key}` })
    return value
  }
  const shaky = task('shaky', { retry: { attempts: 2, backoff: 1 }, concurrency: 1 }, (text: string) => {
    started(text)
    if (current().attempt === 1) throw new Error('not yet')
    return `${text}1`
  })
  const part = flow('part', () => step('do', { cache: { key: () => 'part', ttl: '1h' } }, () => started('part')))
  const journey = flow('journey', async () => {
    const first = await shaky('a')
    current().log.info('half way')
    const items = await map('items', [1, 2], (item) => step('item', () => started(`m${String(item)}`)))
    const once = await step('once', { compensate: () => Promise.resolve() }, () => started('once'))
    await sleep(1)
    const child = await part()
    const go = await waitFor<string>('go')
    const decision = await approval('end')
    return [first, ...items, once, child, go, decision?.approved === true ? 'yes' : 'no'].join(' ')
  })
  return [journey, part]
}

/** Goes on a journey, or goes on with the one that was begun; everything that is asked is asked again under its name. */
export async function goOn(engine: FlowEngine, write: (entry: JourneyEntry) => void): Promise<RunHandle<string>> {
  const [journey, part] = journeyFlows(write)
  engine.registerFlow(journey)
  engine.registerFlow(part)
  await engine.start()
  const run = await engine.triggerFlow(journey, { idempotencyKey: KEY })
  write({ triggered: run.id })
  await engine.signalRun(run.id, 'go', 'go', { id: 'go' })
  write({ sent: 'go' })
  await engine.signalRun(run.id, 'approval:end', { approved: true, by: null, comment: null }, { id: 'end' })
  write({ sent: 'end' })
  return run
}
