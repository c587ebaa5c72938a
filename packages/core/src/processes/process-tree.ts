/*
 * Which processes a started process has become: itself, what it started, and what those started.
 *
 * The leader has a process group of its own, which signals reach as a whole. A child may leave the group (setsid), so on
 * Linux /proc is read too: members are known by their mark in the environment, which children inherit, by their parent,
 * their group and their session. Elsewhere the group is all that is known.
 */
import { readFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'

import { readGroupUsage } from './group-usage.ts'
import type { ProcessUsage } from './process-adapter.ts'
import { parseStat, parseUsage, selectMembers, statFields, type ProcessFacts } from './process-facts.ts'
import { processModule } from './process-module.ts'

/** Environment variable that marks everything a process starts. */
export const MARK_VARIABLE = 'PERFECT_TREE'

/** A process that is alive. */
export interface TreeMember {
  /** To be given to `sendSignal`. A negative number stands for a whole group. */
  readonly pid: number
  /** Whether a signal to the group reaches it. */
  readonly isInGroup: boolean
}

/** The processes that come from one started process. */
export class ProcessTree {
  readonly #leader: number
  readonly #leaderTicks: number
  readonly #mark: string
  // Members seen so far. One that loses its parent is still known by this.
  readonly #seen = new Map<number, number>()

  /** To be made while the leader has not been waited for, so that its pid is still its own; later only with the time of its start. */
  constructor(leader: number, mark: string, leaderTicks: number = startOf(leader)) {
    this.#leader = leader
    this.#mark = mark
    this.#leaderTicks = leaderTicks
  }

  /** Sends a signal to the group, at once. What left the group is not reached. */
  signalGroup(signal: 'SIGTERM' | 'SIGKILL'): void {
    if (process.platform !== 'win32') return sendSignal(-this.#leader, signal)
    // A console process of Windows cannot be asked; its window can.
    const force = signal === 'SIGKILL' ? ['/F'] : []
    processModule().execFile(
      'taskkill',
      ['/PID', String(this.#leader), '/T', ...force],
      { windowsHide: true },
      () => undefined,
    )
  }

  /** Members that are alive. */
  async members(): Promise<readonly TreeMember[]> {
    if (process.platform === 'win32') return []
    const processes = Number.isNaN(this.#leaderTicks) ? undefined : await readProcesses(this.#mark)
    if (processes !== undefined) return this.#membersOf(processes)
    return isAlive(-this.#leader) ? [{ pid: -this.#leader, isInGroup: true }] : []
  }

  /** What its members use; null where that is not known. */
  async usage(): Promise<ProcessUsage | null> {
    const members = await this.members()
    if (members.length === 0) return null
    // Without /proc the group stands for its processes.
    if (members.some(({ pid }) => pid < 0)) return readGroupUsage(this.#leader)
    const used = await Promise.all(
      members.map(async ({ pid }) => parseUsage(await readFact(pid, 'stat'), await readFact(pid, 'status'))),
    )
    return {
      cpuMs: used.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
      memoryBytes: used.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
      processes: members.length,
    }
  }

  #membersOf(processes: readonly ProcessFacts[]): readonly TreeMember[] {
    const root = { leader: this.#leader, leaderTicks: this.#leaderTicks, seen: this.#seen }
    const members = selectMembers(processes, root).filter((facts) => facts.pid !== process.pid)
    for (const facts of members) this.#seen.set(facts.pid, facts.startedTicks)
    return members.map(({ pid, group }) => ({ pid, isInGroup: group === this.#leader }))
  }
}

/** Sends a signal; one that cannot be delivered is for a process that is gone already or is not ours to end. */
export function sendSignal(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  // For kill(2), 0 is the own group, -1 everybody.
  if (!Number.isSafeInteger(pid) || Math.abs(pid) <= 1) return
  try {
    process.kill(pid, signal)
  } catch {
    // Nobody is left to be told.
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function readProcesses(mark: string): Promise<readonly ProcessFacts[] | undefined> {
  const names = await readdir('/proc').catch(() => undefined)
  if (names === undefined) return undefined
  const found = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map((name) => readProcess(name, mark)))
  return found.filter((facts) => facts !== undefined)
}

// A process may end at any time while it is read, and those of other users keep their environment to themselves.
async function readProcess(pid: string, mark: string): Promise<ProcessFacts | undefined> {
  const [stat, environment] = await Promise.all([readFact(pid, 'stat'), readFact(pid, 'environ')])
  const facts = parseStat(stat)
  return facts && { ...facts, isMarked: `\0${environment}`.includes(`\0${MARK_VARIABLE}=${mark}\0`) }
}

function readFact(pid: string | number, name: 'stat' | 'status' | 'environ'): Promise<string> {
  return readFile(`/proc/${String(pid)}/${name}`, 'latin1').catch(() => '')
}

/** When a process was started, in clock ticks since boot; not a number when there is none, or no /proc. */
export function startOf(pid: number): number {
  try {
    return statFields(readFileSync(`/proc/${String(pid)}/stat`, 'latin1')).startedTicks
  } catch {
    return Number.NaN
  }
}
