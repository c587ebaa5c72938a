import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { CallSite } from './key-counter.ts'

const unknown: CallSite = () => null

// In the source tree this file is one folder below the root of the package's code; in the built package it is at the root.
const OWN_CODE = import.meta.url.endsWith('.ts')
  ? dirname(dirname(fileURLToPath(import.meta.url)))
  : dirname(fileURLToPath(import.meta.url))

/** Where flow code is that calls us: remembered now, read later. Costs about a microsecond. */
export function captureCallSite(isWanted: boolean): CallSite {
  if (!isWanted) return unknown
  const here = new Error('call site')
  return () => firstForeignFrame(here.stack ?? '')
}

function firstForeignFrame(stack: string): string | null {
  for (const line of stack.split('\n').slice(1)) {
    const place = /\(?((?:file:\/\/|\/|[A-Za-z]:\\)[^()]+:\d+:\d+)\)?$/.exec(line.trim())?.[1]
    if (place === undefined) continue
    const path = place.startsWith('file://') ? fileURLToPath(place.replace(/:\d+:\d+$/, '')) : place
    if (isOwnCode(path)) continue
    return place.replace(/^file:\/\//, '')
  }
  return null
}

// Tests lie beside the code they test, and are flow code.
function isOwnCode(path: string): boolean {
  return path.startsWith(OWN_CODE) && !path.includes('.test.')
}
