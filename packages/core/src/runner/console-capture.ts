import { format } from 'node:util'

import { ambient } from '../definition/ambient.ts'
import type { LogLevel } from '../primitives/log-level.ts'

const LEVEL_OF = { debug: 'debug', log: 'info', info: 'info', warn: 'warn', error: 'error' } as const satisfies Record<
  string,
  LogLevel
>
type ConsoleMethod = keyof typeof LEVEL_OF

const METHODS = Object.keys(LEVEL_OF) as readonly ConsoleMethod[]

let captures = 0
let originals: Partial<Record<ConsoleMethod, (...data: unknown[]) => void>> = {}
const capturing = new Set<string>()

/**
 * Makes `console` calls of a run's tasks lines of its log too; the output of the process stays as it is.
 * Gives a function that ends it. The console is touched only while at least one run wants it.
 */
export function captureConsole(runId: string): () => void {
  capturing.add(runId)
  if (captures++ === 0) replaceMethods()
  let isOver = false
  return () => {
    if (isOver) return
    isOver = true
    capturing.delete(runId)
    if (--captures === 0) restoreMethods()
  }
}

function replaceMethods(): void {
  for (const method of METHODS) {
    const original = console[method]
    originals[method] = original
    console[method] = (...data: unknown[]) => {
      const surroundings = ambient.getStore()
      if (surroundings?.scope === null && capturing.has(surroundings.context.runId))
        surroundings.context.log[LEVEL_OF[method]](format(...data))
      original.apply(console, data)
    }
  }
}

function restoreMethods(): void {
  Object.assign(console, originals)
  originals = {}
}
