import { describe, expect, test } from 'vitest'

import { startPython } from '../python.ts'
import { dialoguesFor } from './dialogue.ts'
import { EnginePlayer } from './engine-player.ts'

const WORKER = new URL('conformance_worker.py', import.meta.url)

describe('the Python SDK', () => {
  test.concurrent.each(dialoguesFor('sdk'))('$title', async (dialogue) => {
    const player = new EnginePlayer()
    const worker = startPython(WORKER, [await player.listen()])
    try {
      await expect(player.play(dialogue)).resolves.toBeUndefined()
    } finally {
      worker.kill('SIGKILL')
      await player.close()
    }
  })
})
