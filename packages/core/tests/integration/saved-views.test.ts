import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { FlowEngine, memoryStorage, type SavedViewOptions } from '@perfect/core'
import { sqliteStorage } from '@perfect/core/sqlite'
import { afterEach, describe, expect, it } from 'vitest'

const engines: FlowEngine[] = []
const ann = { name: 'ann' }

afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.stop({ drainMs: 0 })))
})

function start(storage = memoryStorage()): FlowEngine {
  const engine = new FlowEngine({ storage })
  engines.push(engine)
  return engine
}

describe('engine.views', () => {
  it('are there after a restart, with every field', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'perfect-views-'))
    try {
      const file = join(folder, 'perfect.db')
      const first = start(sqliteStorage(file))
      const options = { name: 'Broken', filter: 'status:failed since:24h', display: { columns: ['ü'] }, isShared: true }
      const view = await first.views.create(options, ann)
      expect(view).toMatchObject({ ...options, owner: 'ann', revision: 1 })
      await first.stop()
      expect((await start(sqliteStorage(file)).views.list({ name: null })).items).toEqual([view])
      await engines.at(-1)?.stop()
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('lets a user have 100 of them', async () => {
    const { views } = start()
    const made = Array.from({ length: 100 }, (_, index) => views.create({ name: `View ${String(index)}` }, ann))
    await Promise.all(made)
    await expect(views.create({ name: 'One more' }, ann)).rejects.toMatchObject({ code: 'VIEW_LIMIT' })
    await expect(views.create({ name: 'Another user' }, { name: 'ben' })).resolves.toMatchObject({ owner: 'ben' })
  })

  it('loses no change when two change one view at once', async () => {
    const { views } = start()
    const { id } = await views.create({ name: 'First' }, ann)
    await Promise.all(['a', 'b', 'c'].map((name) => views.replace(id, { name }, ann)))
    expect(await views.get(id, ann)).toMatchObject({ revision: 4 })
  })

  const loop: Record<string, unknown> = {}
  loop['self'] = loop
  const refused: readonly (readonly [string, unknown, string])[] = [
    ['an empty name', { name: ' ' }, 'VIEW_INVALID'],
    ['a long name', { name: 'x'.repeat(101) }, 'VIEW_INVALID'],
    ['a name of two lines', { name: 'a\nb' }, 'VIEW_INVALID'],
    ['a filter of an unknown field', { name: 'x', filter: 'nope:1' }, 'FILTER_INVALID'],
    ['a long filter', { name: 'x', filter: `"${'x'.repeat(4000)}"` }, 'VIEW_INVALID'],
    ['a filter that is no text', { name: 'x', filter: 7 }, 'VIEW_INVALID'],
    ['a large display', { name: 'x', display: { a: 'ü'.repeat(2048) } }, 'VIEW_INVALID'],
    ['a display that is a list', { name: 'x', display: [] }, 'VIEW_INVALID'],
    ['a display that is no JSON', { name: 'x', display: loop }, 'VIEW_INVALID'],
    ['a word for isShared', { name: 'x', isShared: 'yes' }, 'VIEW_INVALID'],
  ]
  it.each(refused)('refuses %s, and stores nothing', async (_what, options, code) => {
    const { views } = start()
    await expect(views.create(options as SavedViewOptions, ann)).rejects.toMatchObject({ code })
    expect(await views.list(ann)).toEqual({ items: [], nextCursor: null })
  })
})
