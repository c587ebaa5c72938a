import { flow, memoryStorage, task, type Flow } from '@perfect/core'
import { describe, expect, it } from 'vitest'

import { recover, runUntilFault } from './crashing-engine.ts'

/** A flow that fails by something that is not recorded: taken up again, it would go on. */
function fickle(isFailing: boolean, undone: string[]): Flow<void, unknown> {
  const work = task('work', { compensate: (name) => void undone.push(name) }, (name: string) => name)
  return flow('fickle', async () => {
    await work('a')
    await work('b')
    if (isFailing) throw new Error('bad luck')
    return work('c')
  })
}

describe('a run that has begun to be undone', () => {
  it.each(['before', 'after'] as const)(
    'only ends, as it was to, when the process dies %s any commit and its code would not fail again',
    async (moment) => {
      const commits = await runUntilFault(memoryStorage(), fickle(true, []), null)
      const ends: string[] = []
      for (let at = 1; at < commits; at++) {
        const kept = memoryStorage()
        const undone: string[] = []
        await runUntilFault(kept, fickle(true, undone), { at, kind: 'crash', moment })
        const [stored] = await kept.runs.list({ limit: 1 })
        const before = stored ? await kept.tasks.list(stored.id) : []
        const hasBegun = before.some(({ key }) => key === 'undo')
        const detail = await recover(kept, fickle(false, undone))
        const { status, error } = detail?.run ?? { status: 'none', error: null }
        const keys = detail?.tasks.filter(({ kind }) => kind === 'undo').map(({ key }) => key) ?? []
        ends.push(`${hasBegun ? 'begun' : 'not begun'}: ${status} ${error?.message ?? ''} ${keys.join(' ')}`)
      }
      expect(new Set(ends)).toEqual(
        new Set(['not begun: none  ', 'not begun: succeeded  ', 'begun: failed bad luck undo work#2/undo work#1/undo']),
      )
    },
  )
})
