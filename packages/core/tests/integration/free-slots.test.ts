import { flow, FlowEngine, step } from '@perfect/core'
import { expect, it } from 'vitest'

const one = flow('one', (n: number) => step('do', () => n))

it('who waited for the end of a run finds its slot free', async () => {
  const engine = new FlowEngine({ concurrency: 1 })
  engine.registerFlow(one)
  await engine.start()
  let last = await engine.triggerFlow(one, { input: 0 })
  for (let n = 1; n <= 5; n++) {
    await last.result()
    last = await engine.triggerFlow(one, { input: n })
    // A run that had to wait in line would be "queued" here, and cost a second write.
    expect(last.run.status).toBe('running')
  }
  await last.result()
  await engine.stop()
})
