import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { flow, FlowEngine, memoryStorage, type AuditView } from '@perfect/core'
import { parseAuditFilter } from '@perfect/core/filter'
import { sqliteStorage } from '@perfect/core/sqlite'
import { ManualClock } from '@perfect/core/testing'
import { afterEach, describe, expect, it } from 'vitest'

const engines: FlowEngine[] = []
const ignore = (): void => undefined

afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.stop({ drainMs: 0 })))
})

function start(options: ConstructorParameters<typeof FlowEngine>[0] = {}): FlowEngine {
  const engine = new FlowEngine({ storage: memoryStorage(), ...options })
  engines.push(engine)
  return engine
}

async function all(engine: FlowEngine): Promise<readonly AuditView[]> {
  return (await engine.getAudit()).items
}

describe('audit', () => {
  it('has an action before it is done, and how it ended afterwards', async () => {
    const engine = start()
    const action = await engine.audit.begin({ door: 'cli', actor: 'ann', action: 'run.cancel', facts: { a: 1 } })
    expect(await all(engine)).toMatchObject([{ id: action.id, outcome: 'begun', endedAt: null, facts: { a: 1 } }])
    const changes = [{ field: 'status', before: 'running', after: 'cancelled' }]
    await action.end({ outcome: 'done', target: 'run_1', changes, facts: { b: 2 } })
    expect(await all(engine)).toMatchObject([
      { actor: 'ann', action: 'run.cancel', target: 'run_1', outcome: 'done', changes, facts: { a: 1, b: 2 } },
    ])
  })

  it('refuses an action that it cannot write down', async () => {
    const storage = memoryStorage()
    const engine = start({ storage, logger: { debug: ignore, info: ignore, warn: ignore, error: ignore } })
    await engine.start()
    await storage.close()
    await expect(engine.audit.begin({ door: 'cli', actor: null, action: 'x' })).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
    })
  })

  it.each([{ door: '' }, { action: '' }, { facts: { n: 1n } }])('refuses %o', async (part) => {
    const engine = start()
    const entry = { door: 'cli', actor: null, action: 'x', ...part }
    await expect(engine.audit.begin(entry)).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
    expect(await all(engine)).toEqual([])
  })

  it('is read page by page, by filters', async () => {
    const engine = start()
    for (const actor of ['ann', 'ben', 'ann'])
      await engine.audit.record({ door: 'http', actor, action: 'flow.trigger' }, { outcome: 'done' })
    const first = await engine.getAudit({ limit: 2, ...parseAuditFilter('-actor:ben') })
    expect(first).toMatchObject({ items: [{ actor: 'ann' }, { actor: 'ann' }], nextCursor: null })
    const page = await engine.getAudit({ limit: 2 })
    const rest = await engine.getAudit({ limit: 2, cursor: page.nextCursor ?? '' })
    expect(new Set([...page.items, ...rest.items].map(({ id }) => id)).size).toBe(3)
    await expect(engine.getAudit({ cursor: 'x' })).rejects.toMatchObject({ code: 'CURSOR_INVALID' })
    await expect(engine.getAudit({ limit: 0 })).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
  })

  it('has the trigger of a run in the same write as the run', async () => {
    const storage = memoryStorage()
    const commits: (readonly string[])[] = []
    const commit: typeof storage.commit = (changes) => {
      commits.push(changes.map(({ type }) => type))
      return storage.commit(changes)
    }
    const engine = start({ storage: { ...storage, commit } })
    engine.registerFlow(flow('one', () => 1))
    const entry = { door: 'cli', actor: 'ann', action: 'flow.trigger', flowId: 'one' }
    const { id } = await engine.triggerFlow('one', { audit: entry })
    expect(commits.find((types) => types.includes('run.create'))).toContain('audit.put')
    expect(await all(engine)).toMatchObject([{ actor: 'ann', target: id, outcome: 'done' }])
  })

  it('survives a restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'perfect-audit-'))
    const open = (): FlowEngine => start({ storage: sqliteStorage(join(folder, 'perfect.db')) })
    const first = open()
    const { id } = await first.audit.begin({ door: 'cli', actor: 'ann', action: 'run.cancel' })
    await first.stop()
    const second = open()
    expect(await all(second)).toMatchObject([{ id, actor: 'ann', outcome: 'begun' }])
    await second.stop()
    await rm(folder, { recursive: true })
  })

  it('forgets what is older, or more, than is to be kept', async () => {
    const clock = new ManualClock()
    const engine = start({ clock, storage: memoryStorage({ clock }), auditRetention: { age: '1h', keep: 2 } })
    const note = (actor: string) => engine.audit.record({ door: 'cli', actor, action: 'x' }, { outcome: 'done' })
    for (const actor of ['a', 'b', 'c']) {
      await note(actor)
      await clock.advance(1)
    }
    await clock.advance(60_000)
    expect((await all(engine)).map(({ actor }) => actor)).toEqual(['c', 'b'])
    await clock.advance(3_600_000)
    expect(await all(engine)).toEqual([])
  })
})

describe('parseAuditFilter()', () => {
  const now = Date.UTC(2026, 10, 23)

  it.each([
    ['', {}],
    ['actor:ann,ben -action:run.trigger', { actors: ['ann', 'ben'], not: { actions: ['run.trigger'] } }],
    [
      'outcome:failed door:http target:run_1 flow:etl',
      { outcomes: ['failed'], doors: ['http'], targets: ['run_1'], flowIds: ['etl'] },
    ],
    ['since:24h until:2026-11-22T12:00:00Z', { from: now - 86_400_000, before: now - 43_200_000 }],
    ['time "out of"', { text: 'time out of' }],
  ])('reads %j', (text, filter) => expect(parseAuditFilter(text, now)).toEqual(filter))

  it.each([
    ['outcome:maybe', 0],
    ['actor:a nope:b', 8],
    ['-since:1h', 0],
    ['since:1h since:2h', 9],
    ['actor:a actor:b', 8],
    ['constructor:x', 0],
  ])('refuses %j, saying where', (text, at) => {
    expect(() => parseAuditFilter(text, now)).toThrow(
      expect.objectContaining({ code: 'FILTER_INVALID', details: { field: 'filter', at } }),
    )
  })
})
