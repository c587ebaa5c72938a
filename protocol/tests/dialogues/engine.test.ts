import { FlowEngine } from '@perfect/core'
import { serve } from '@perfect/http/node'
import { describe, expect, test } from 'vitest'

import { dialoguesFor, type Message } from './dialogue.ts'
import { WorkerPlayer } from './worker-player.ts'

describe('the engine', () => {
  test.concurrent.each(dialoguesFor('engine'))('$title', async (dialogue) => {
    const engine = new FlowEngine({ leaseMs: 5000 })
    const server = await serve(engine, { port: 0 })
    const player = new WorkerPlayer({
      url: server.url,
      trigger: async (flow, input) => void (await engine.triggerFlow(flow, { input })),
      cancel: async (runId) => void (await engine.cancelRun(runId)),
      run: async (runId) => {
        const { run, result, tasks } = await engine.getRunDetail(runId)
        return { status: run.status, epoch: run.epoch, result, tasks: tasks.map(({ key }) => key) } satisfies Message
      },
    })
    try {
      await expect(player.play(dialogue)).resolves.toBeUndefined()
    } finally {
      await server.close()
      await engine.stop({ drainMs: 0 })
    }
  })
})
