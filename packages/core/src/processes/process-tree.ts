/*
 * Which processes a started process has become: itself, what it started, and what those started.
 *
 * The leader has a process group of its own, which signals reach as a whole. A child may leave the group (setsid), so on
 * Linux /proc is read too: members are known by their mark in the environment, which children inherit, by their parent,
 * their group and their session. Elsewhere the group is all that is known.
 */
import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'

/** Environment variable that marks everything a process starts. */
export const MARK_VARIABLE = 'PERFECT_TREE'

interface ProcessFacts {
  readonly pid: number
  readonly parent: number
  readonly group: number
  readonly session: number
  /** When it was started; tells a process from a later one that got the same pid. */
  readonly startedTicks: string
  readonly isMarked: boolean
}

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
  readonly #mark: string
  // Members seen so far. One that loses its parent is still known by this.
  readonly #seen = new Map<number, string>()
  #leaderEnded = false

  constructor(leader: number, mark: string) {
    this.#leader = leader
    this.#mark = mark
  }

  /** From now on a process with the leader's pid is another one. */
  leaderEnded(): void {
    this.#leaderEnded = true
  }

  /** Sends a signal to the group, at once. What left the group is not reached. */
  signalGroup(signal: 'SIGTERM' | 'SIGKILL'): void {
    if (process.platform !== 'win32') return sendSignal(-this.#leader, signal)
    // A console process of Windows cannot be asked; its window can.
    const force = signal === 'SIGKILL' ? ['/F'] : []
    execFile('taskkill', ['/PID', String(this.#leader), '/T', ...force], { windowsHide: true }, () => undefined)
  }

  /** Members that are alive. */
  async members(): Promise<readonly TreeMember[]> {
    if (process.platform === 'win32') return []
    if (process.platform !== 'linux') return isAlive(-this.#leader) ? [{ pid: -this.#leader, isInGroup: true }] : []
    return this.#membersOnLinux(await readProcesses(this.#mark))
  }

  #membersOnLinux(processes: readonly ProcessFacts[]): readonly TreeMember[] {
    const known = new Set(processes.filter((facts) => this.#isKnown(facts)).map((facts) => facts.pid))
    const leaderIsAnother = this.#leaderEnded && processes.some((facts) => facts.pid === this.#leader)
    // The group outlives its leader, and its number is not given out again before the last member has gone.
    const related = new Set(known).add(leaderIsAnother ? 0 : this.#leader)
    for (let size = -1; size !== related.size;) {
      size = related.size
      for (const facts of processes) if (isRelated(facts, related)) related.add(facts.pid)
    }
    const members = processes.filter((facts) => related.has(facts.pid))
    for (const facts of members) this.#seen.set(facts.pid, facts.startedTicks)
    return members.map(({ pid, group }) => ({ pid, isInGroup: group === this.#leader }))
  }

  #isKnown(facts: ProcessFacts): boolean {
    return facts.isMarked || this.#seen.get(facts.pid) === facts.startedTicks
  }
}

/** Sends a signal; one that cannot be delivered is for a process that is gone already or is not ours to end. */
export function sendSignal(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
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

function isRelated(facts: ProcessFacts, related: ReadonlySet<number>): boolean {
  return related.has(facts.parent) || related.has(facts.group) || related.has(facts.session)
}

async function readProcesses(mark: string): Promise<readonly ProcessFacts[]> {
  const names = await readdir('/proc')
  const found = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map((name) => readProcess(name, mark)))
  return found.filter((facts) => facts !== undefined)
}

// A process may end at any time while it is read, and those of other users keep their environment to themselves.
async function readProcess(pid: string, mark: string): Promise<ProcessFacts | undefined> {
  const [stat, environment] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'latin1').catch(() => ''),
    readFile(`/proc/${pid}/environ`, 'latin1').catch(() => ''),
  ])
  // The name in brackets may hold spaces and brackets itself. Source: proc(5).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state = 'X', parent, group, session] = fields
  if (state === 'Z' || state === 'X') return undefined
  return {
    pid: Number(pid),
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    startedTicks: fields[19] ?? '',
    isMarked: `\0${environment}`.includes(`\0${MARK_VARIABLE}=${mark}\0`),
  }
}
