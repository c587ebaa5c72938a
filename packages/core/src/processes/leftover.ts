/*
 * Processes that an earlier life of the host has left behind: it and the guard of its processes were killed together. What names a process
 * holds enough to tell it from a later one with the same pid, also after a restart of the machine.
 */
import { readFileSync } from 'node:fs'

import { endTree } from './end-tree.ts'
import { startOf, ProcessTree } from './process-tree.ts'

interface Identity {
  readonly boot: string
  readonly pid: number
  readonly ticks: number
  readonly mark: string
  readonly host: number
  readonly hostTicks: number
}

/** What names a process to the next life of the host. */
export function identityOf(pid: number, mark: string): string {
  const identity: Identity = {
    boot: bootId(),
    pid,
    ticks: startOf(pid),
    mark,
    host: process.pid,
    hostTicks: startOf(process.pid),
  }
  return JSON.stringify(identity)
}

/** Ends a process and what it has started, unless its host lives. Gives whether there was anything. Only Linux tells enough for this. */
export async function endLeftover(text: string, graceMs: number): Promise<boolean> {
  const identity = parseIdentity(text)
  if (identity === null || identity.boot !== bootId()) return false
  const { pid, ticks, mark, host, hostTicks } = identity
  const isHostAlive = startOf(host) === hostTicks
  return isHostAlive ? false : endTree(new ProcessTree(pid, mark, ticks), { graceMs })
}

// What is not whole names nobody: nothing may be ended by mistake.
function parseIdentity(text: string): Identity | null {
  try {
    const identity = JSON.parse(text) as Identity
    const { boot, pid, ticks, mark, host, hostTicks } = identity
    const areNumbers = [pid, ticks, host, hostTicks].every((value) => Number.isSafeInteger(value) && value > 0)
    return areNumbers && pid > 1 && typeof boot === 'string' && boot !== '' && typeof mark === 'string' && mark !== ''
      ? identity
      : null
  } catch {
    return null
  }
}

// Where there is no /proc, this is empty.
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  } catch {
    return ''
  }
}
