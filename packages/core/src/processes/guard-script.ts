/**
 * What the guard process runs, as text: it needs no file beside it, so a bundler can carry it anywhere.
 *
 * Its input is a pipe that only the host holds. `+123` and `-123` tell which processes run; the end of the input tells
 * that the host is gone, however it went. Then everything that carries the mark, and every group that still runs, is
 * asked to end, and killed after a grace time.
 */
export const GUARD_SCRIPT: string = String.raw`
'use strict'
const { spawnSync } = require('node:child_process')
const { readdirSync, readFileSync } = require('node:fs')
const [, mark, graceMs] = process.argv
const leaders = new Set()
const asked = new Set()
let rest = ''

// Ctrl-C and a service manager reach the guard as well; it must stay until the others have gone.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => {})

process.stdin.setEncoding('utf8')
process.stdin.on('error', endAll)
process.stdin.on('end', endAll)
process.stdin.on('data', (text) => {
  const lines = (rest + text).split('\n')
  rest = lines.pop()
  for (const line of lines) line.startsWith('+') ? leaders.add(-line) : leaders.delete(Number(line))
})

function attempt(act) {
  try { return act() } catch { return undefined }
}

function isMarked(pid) {
  return /^\d+$/.test(pid) && attempt(() => readFileSync('/proc/' + pid + '/environ', 'latin1').includes(mark))
}

let endsAt
function endAll() {
  if (endsAt !== undefined) return
  endsAt = Date.now() + Number(graceMs)
  if (process.platform === 'win32') for (const group of leaders) spawnSync('taskkill', ['/PID', String(-group), '/T', '/F'])
  else endStep()
}

function endStep() {
  const marked = (attempt(() => readdirSync('/proc')) ?? []).filter(isMarked).map(Number)
  const groups = [...leaders].filter((group) => attempt(() => process.kill(group, 0)))
  if (marked.length + groups.length === 0 || Date.now() > endsAt + 10_000) process.exit()
  const isLate = Date.now() >= endsAt
  // A member of a group carries the mark too; without marks to read, the group is asked as a whole.
  const polite = process.platform === 'linux' ? marked : groups
  for (const pid of isLate ? [...groups, ...marked] : polite.filter((pid) => !asked.has(pid))) {
    asked.add(pid)
    attempt(() => process.kill(pid, isLate ? 'SIGKILL' : 'SIGTERM'))
  }
  setTimeout(endStep, 50)
}
`
