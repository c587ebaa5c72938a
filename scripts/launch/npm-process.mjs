// @ts-check
import { readFileSync } from 'node:fs'

/**
 * Whether the npm that runs this script has ended. A launcher that was started without npm has nobody to outlive: never.
 *
 * @returns {() => boolean}
 */
export function npmIsGone() {
  if (process.env['npm_lifecycle_event'] === undefined) return () => false
  const parent = process.ppid
  // npm runs scripts through a shell, which stays when npm alone is killed. Only Linux tells without another program.
  const grandparent = shellParent(parent)
  return () => process.ppid !== parent || (grandparent !== undefined && shellParent(parent) !== grandparent)
}

/** Parent of a process when that process is a shell. @param {number} pid @returns {number | undefined} */
function shellParent(pid) {
  try {
    // `pid (name) state ppid ...`; the name may hold anything but is closed by the last bracket.
    const [, name = '', ppid] = /\((.*)\) \S (\d+)/su.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
    return /^(?:ba|da|z|k)?sh$/u.test(name) ? Number(ppid) : undefined
  } catch {
    return undefined
  }
}
