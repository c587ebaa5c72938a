import { FlowEngine } from '@perfect/core'

import { reportFigures } from '../harness/side.ts'
import { heapKib } from './heap.ts'

await reportFigures(async ({ load }) => {
  const engine = new FlowEngine()
  await engine.start()
  const before = await heapKib()
  let heard = 0
  // A listener of its own for each, as each client of a dashboard has.
  const ends = Array.from({ length: load.runs }, () => engine.events.subscribe(() => (heard += 1)))
  const kib = ((await heapKib()) - before) / load.runs
  for (const end of ends) end()
  await engine.stop()
  if (heard < 0) throw new Error('Subscribers are called.')
  return { kib }
})
