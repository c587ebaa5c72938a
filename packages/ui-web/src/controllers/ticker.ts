/*
 * One clock for everything that counts seconds, so that all durations on a page change together and a hidden page does nothing.
 */

const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined

function update(): void {
  const isNeeded = listeners.size > 0 && document.visibilityState === 'visible'
  if (!isNeeded) {
    clearInterval(timer)
    timer = undefined
  } else
    timer ??= setInterval(() => {
      for (const listener of listeners) listener()
    }, 1000)
}

function onVisibility(): void {
  update()
  if (document.visibilityState === 'visible') for (const listener of listeners) listener()
}

/** Calls back once a second while the page is visible. Gives the function that stops it. */
export function everySecond(listener: () => void): () => void {
  if (listeners.size === 0) document.addEventListener('visibilitychange', onVisibility)
  listeners.add(listener)
  update()
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) document.removeEventListener('visibilitychange', onVisibility)
    update()
  }
}
