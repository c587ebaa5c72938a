import { flow, memoryStorage, sleep, step, type EngineLogger } from '@perfect/core'
import { faultyStorage, ManualClock } from '@perfect/core/testing'
import { describe, expect, it, vi } from 'vitest'

import { startEngine } from './start-engine.ts'

type Line = readonly [level: string, fields: Record<string, unknown>]

function logger(lines: Line[]): EngineLogger {
  const at = (level: string) => (fields: object) => void lines.push([level, fields as Record<string, unknown>])
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

const events = (lines: readonly Line[]): string[] => lines.map(([level, { event }]) => `${level} ${String(event)}`)

describe('EngineOptions.logger', () => {
  it('hears of start and stop, with the engine', async () => {
    const lines: Line[] = []
    const engine = await startEngine({ logger: logger(lines) })
    await engine.stop()
    expect(events(lines)).toEqual(['info engine.started', 'info engine.stopping', 'info engine.stopped'])
    expect(lines.every(([, { engineId }]) => engineId === engine.id)).toBe(true)
  })

  it('hears of runs that fail, with what is needed to find them', async () => {
    const lines: Line[] = []
    const bad = flow('bad', () => Promise.reject(new Error('no')))
    const engine = await startEngine({ logger: logger(lines) }, bad)
    const run = await engine.triggerFlow(bad, 'release')
    await run.result().catch(() => undefined)
    expect(lines.at(-1)).toMatchObject([
      'warn',
      { event: 'run.failed', runId: run.id, flowId: 'bad', configuration: 'release', error: 'no' },
    ])
  })

  it('hears of scheduled times that started no run', async () => {
    const lines: Line[] = []
    const clock = new ManualClock()
    const slow = flow('slow', { schedule: { cron: '0 * * * *', overlap: 'skip' } }, () => sleep('90m'))
    await startEngine({ clock, logger: logger(lines) }, slow)
    await clock.advance(2.5 * 3_600_000)
    expect(lines.at(-1)).toMatchObject([
      'warn',
      { event: 'schedule.missed', flowId: 'slow', reason: 'overlap', first: '2027-01-15T10:00:00.000Z' },
    ])
  })

  it('hears once of a storage that is away, and of its being back', async () => {
    const lines: Line[] = []
    const clock = new ManualClock()
    const storage = faultyStorage(memoryStorage({ clock }), { at: 2, kind: 'fail', moment: 'before', times: 3 })
    await startEngine({ clock, storage, leaseMs: 15_000, logger: logger(lines) })
    await clock.advance(30_000)
    const about = events(lines).filter((event) => event.includes('storage.'))
    expect(about).toEqual(['error storage.away', 'info storage.back'])
    expect(lines.find(([, { event }]) => event === 'storage.back')).toMatchObject(['info', { awayMs: 15_000 }])
  })

  it('does not hurt when it throws', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const broken = (): never => {
      throw new Error('disk full')
    }
    const ok = flow('ok', () => step('work', () => 1))
    const engine = await startEngine(
      { logger: { debug: broken, info: broken, warn: broken, error: broken }, onError: () => undefined },
      ok,
    )
    expect(await (await engine.triggerFlow(ok)).result()).toBe(1)
    await engine.stop()
    expect(warn).toHaveBeenCalledTimes(1)
    warn.mockRestore()
  })
})
