import type { Route } from './router.ts'

/** What a key does; null for nothing. */
export type ShortcutAction =
  | { readonly type: 'filter' }
  | { readonly type: 'trigger' }
  | { readonly type: 'go'; readonly route: Route }
  | null

const GO: Readonly<Record<string, Route>> = {
  o: { page: 'overview' },
  f: { page: 'flows' },
  r: { page: 'runs', filter: { status: 'all', flowId: null } },
  p: { page: 'processes' },
}

/** How long a `g` waits for the second key. Unit: ms. */
const SEQUENCE_MS = 1000

/** Single-key shortcuts. Keys typed into a field, or with a modifier, are never one. */
export class Shortcuts {
  #pressedGoAt = -Infinity

  /** Reads a key. */
  read(event: KeyboardEvent): ShortcutAction {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event)) return null
    const isSequence = event.timeStamp - this.#pressedGoAt < SEQUENCE_MS
    this.#pressedGoAt = -Infinity
    const route = GO[event.key]
    if (isSequence && route !== undefined) return { type: 'go', route }
    if (event.key === 'g') this.#pressedGoAt = event.timeStamp
    if (event.key === '/') return { type: 'filter' }
    return event.key === 't' ? { type: 'trigger' } : null
  }
}

/** The real target is inside shadow roots; an open dialog owns the keyboard. */
function isTyping(event: KeyboardEvent): boolean {
  return event
    .composedPath()
    .some((target) => target instanceof Element && target.matches('input, textarea, select, dialog, [contenteditable]'))
}
