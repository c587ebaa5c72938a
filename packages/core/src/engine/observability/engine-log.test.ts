import { afterEach, describe, expect, it, vi } from 'vitest'

import { EngineLog, type EngineLogger } from './engine-log.ts'

type Line = [level: string, fields: object, message: string]

function logger(lines: Line[], bound: object = {}): EngineLogger {
  const at = (level: string) => (fields: object, message: string) =>
    void lines.push([level, { ...bound, ...fields }, message])
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe('EngineLog', () => {
  it('writes fields and a sentence, with the engine, through a child logger when there is one', () => {
    const plain: Line[] = []
    const child: Line[] = []
    const expected = [['info', { engineId: 'eng_1', event: 'engine.started' }, 'started']]
    new EngineLog('eng_1', { logger: logger(plain) }).info({ event: 'engine.started' }, 'started')
    const parent: EngineLogger = { ...logger([]), child: (fields) => logger(child, fields) }
    new EngineLog('eng_1', { logger: parent }).info({ event: 'engine.started' }, 'started')
    expect([plain, child]).toEqual([expected, expected])
  })

  it('tells of errors that nobody waits for to the logger and to onError', () => {
    const lines: Line[] = []
    const heard: unknown[] = []
    const onError = (error: unknown, doing: string): void => void heard.push([error, doing])
    const error = new Error('no')
    new EngineLog('eng_1', { logger: logger(lines), onError }).report(error, 'doing it')
    expect(lines).toEqual([
      ['error', { engineId: 'eng_1', event: 'error', err: error, doing: 'doing it' }, 'error while doing it'],
    ])
    expect(heard).toEqual([[error, 'doing it']])
  })

  it('warns through the process when it is given neither', () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    new EngineLog('eng_1', {}).report(new Error('no'), 'doing it')
    expect(warn).toHaveBeenCalledTimes(1)
    expect(warn.mock.calls[0]?.[0]).toContain('doing it')
  })

  it('goes on, and warns once, when the logger or onError throws', () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const broken = (): never => {
      throw new Error('full')
    }
    const log = new EngineLog('eng_1', {
      logger: { debug: broken, info: broken, warn: broken, error: broken, child: broken },
      onError: broken,
    })
    log.info({ event: 'a' }, 'a')
    log.report(new Error('no'), 'doing it')
    expect(warn).toHaveBeenCalledTimes(1)
  })
})
