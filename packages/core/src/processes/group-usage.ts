/* What a process group uses, as `ps` tells it: for systems without /proc, such as macOS. */
import type { ProcessUsage } from './process-adapter.ts'
import { processModule } from './process-module.ts'

// Of all processes, since systems differ in how a group is asked for.
const ARGUMENTS = ['-axo', 'pgid=,rss=,time=']
const TIMEOUT_MS = 2000
const MAX_BYTES = 16 * 1024 * 1024
const KIB = 1024
const LINE = /^\s*(\d+)\s+(\d+)\s+(\S+)\s*$/
// "0:12.34" of macOS and "1-02:03:04" of others.
const TIME = /^(?:(?:(\d+)-)?(\d+):)?(\d+):(\d+(?:[.,]\d+)?)$/

/** What the processes of a group use; null when there are none, or no `ps`. */
export function readGroupUsage(group: number): Promise<ProcessUsage | null> {
  return new Promise((resolve) => {
    const options = { timeout: TIMEOUT_MS, maxBuffer: MAX_BYTES, windowsHide: true }
    processModule().execFile('ps', ARGUMENTS, options, (error, output) =>
      resolve(error === null ? parseGroupUsage(output, group) : null),
    )
  })
}

/** Reads lines of `pgid`, `rss` and `time`; null when none of them is of the group. */
export function parseGroupUsage(output: string, group: number): ProcessUsage | null {
  let [cpuMs, memoryBytes, processes] = [0, 0, 0]
  for (const line of output.split('\n')) {
    const [, pgid, rss, time = ''] = LINE.exec(line) ?? []
    if (Number(pgid) !== group) continue
    cpuMs += parseTime(time)
    memoryBytes += Number(rss) * KIB
    processes++
  }
  return processes === 0 ? null : { cpuMs, memoryBytes, processes }
}

function parseTime(text: string): number {
  const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = TIME.exec(text) ?? []
  const whole = (Number(days) * 24 + Number(hours)) * 60 + Number(minutes)
  return Math.round((whole * 60 + Number(seconds.replace(',', '.'))) * 1000)
}
