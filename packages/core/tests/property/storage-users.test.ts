import { memoryStorage, type Change, type Storage } from '@perfect/core'
import { sqliteStorage } from '@perfect/core/sqlite'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const memory = memoryStorage()
const sqlite = sqliteStorage(':memory:')

beforeAll(() => Promise.all([memory.open(), sqlite.open()]))
afterAll(() => Promise.all([memory.close(), sqlite.close()]))

const USERS = ['', 'ann'] as const

const user = fc.constantFrom(...USERS)
const viewId = fc.constantFrom('view_1', 'view_2', 'view_3')
const at = fc.integer({ min: 1, max: 5 })
const revision = fc.integer({ min: 1, max: 2 })
const text = fc.constantFrom('a', 'Ä', '\uD800', '\u0000')
const topic = fc.constantFrom('failures', 'alerts')
const of = <T extends string>(type: T): fc.Arbitrary<T> => fc.constant(type)
const view = fc.record({
  id: viewId,
  owner: user,
  name: text,
  filter: text,
  display: fc.constant('{}'),
  isShared: fc.boolean(),
  createdAt: at,
  updatedAt: at,
  revision,
})

/** What users keep. */
const userChange: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ type: of('view.put'), view, expectedRevision: fc.constant(null), max: revision }),
  fc.record({ type: of('view.put'), view, expectedRevision: revision, max: revision }),
  fc.record({ type: of('view.remove'), viewId, expectedRevision: revision }),
  fc.record({ type: of('seen.put'), mark: fc.record({ user, topic, until: at }) }),
)

function observe({ views, seen }: Storage): Promise<unknown> {
  return Promise.all(
    USERS.map((owner) =>
      Promise.all([
        views.list({ owner, limit: 2 }),
        views.list({ owner, after: 'view_1', limit: 5 }),
        views.get('view_1'),
        seen.marks(owner),
      ]),
    ),
  )
}

/** Marks stay: they only go forward, in both alike. */
async function forgetViews(storage: Storage): Promise<void> {
  const lists = await Promise.all(USERS.map((owner) => storage.views.list({ owner, limit: 10 })))
  const views = lists.flat()
  await storage.commit(
    views.map(({ id, revision: expectedRevision }) => ({ type: 'view.remove', viewId: id, expectedRevision })),
  )
}

describe('memoryStorage() and sqliteStorage()', () => {
  test('agree on saved views and on what was seen, whatever is changed', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(userChange, { maxLength: 4 }), { maxLength: 4 }), async (commits) => {
        for (const changes of commits) {
          expect(await sqlite.commit(changes)).toEqual(await memory.commit(changes))
          expect(await observe(sqlite)).toEqual(await observe(memory))
        }
        await Promise.all([forgetViews(sqlite), forgetViews(memory)])
      }),
      { numRuns: 300 },
    )
  })
})
