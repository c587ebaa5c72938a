import type { LogView } from '@perfect/core'

import { stripAnsi } from '../log-view/ansi.ts'

/** A line of a log file. */
export function logAsText({ at, level, task, message }: LogView): string {
  const where = task === null ? '' : ` [${task}]`
  return `${at} ${level.toUpperCase()}${where} ${message.split('\n').map(stripAnsi).join('\n')}`
}

/** Gives a text to the viewer as a file. */
export function downloadText(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The browser has taken the data over when the click returns; the next task is early enough to let it go.
  setTimeout(() => {
    URL.revokeObjectURL(url)
  })
}
