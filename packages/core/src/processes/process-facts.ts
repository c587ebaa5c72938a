/** What is known of one process. */
export interface ProcessFacts {
  readonly pid: number
  readonly parent: number
  readonly group: number
  readonly session: number
  /** When it was started. Unit: clock ticks since boot. Tells a process from a later one that got the same pid. */
  readonly startedTicks: number
  /** Whether its environment carries the mark. */
  readonly isMarked: boolean
}

/** Where a tree of processes begins. */
export interface TreeRoot {
  /** Process id, group and session of the first process. Range: > 1. */
  readonly leader: number
  readonly leaderTicks: number
  /** Start of the members that were seen before, by their pid. */
  readonly seen: ReadonlyMap<number, number>
}

/** Those of the processes that come from the leader. Pure, since a mistake here would end what is not ours. */
export function selectMembers(processes: readonly ProcessFacts[], root: TreeRoot): readonly ProcessFacts[] {
  // Nothing that ran before the leader can come from it.
  const later = processes.filter((facts) => facts.startedTicks >= root.leaderTicks)
  const isKnown = (facts: ProcessFacts): boolean => facts.isMarked || root.seen.get(facts.pid) === facts.startedTicks
  const related = new Set(later.filter(isKnown).map((facts) => facts.pid))
  // The group outlives its leader, and its number is not given out again before the last member has gone.
  const isReused = later.some((facts) => facts.pid === root.leader && facts.startedTicks !== root.leaderTicks)
  if (!isReused) related.add(root.leader)
  for (let size = -1; size !== related.size;) {
    size = related.size
    for (const facts of later) if (isRelated(facts, related)) related.add(facts.pid)
  }
  return later.filter((facts) => related.has(facts.pid))
}

function isRelated(facts: ProcessFacts, related: ReadonlySet<number>): boolean {
  return related.has(facts.parent) || related.has(facts.group) || related.has(facts.session)
}

// Unit of times in /proc: USER_HZ, which is 100 a second on every platform of Linux. Source: proc(5), time(7).
const TICK_MS = 10

/** What a process uses, of `/proc/<pid>/stat` and `/proc/<pid>/status`: its time and that of children that have ended. */
export function parseUsage(stat: string, status: string): { readonly cpuMs: number; readonly memoryBytes: number } {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + (Number.parseInt(field, 10) || 0), 0)
  const kib = /^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1] ?? '0'
  return { cpuMs: ticks * TICK_MS, memoryBytes: Number(kib) * 1024 }
}

/** Reads `/proc/<pid>/stat`; nothing for a process that has ended. */
export function parseStat(stat: string): Omit<ProcessFacts, 'isMarked'> | undefined {
  const { state, ...facts } = statFields(stat)
  const isWhole = Object.values(facts).every(Number.isSafeInteger)
  return isWhole && state !== 'Z' && state !== 'X' ? facts : undefined
}

/** The fields of `/proc/<pid>/stat`; those that are missing are not numbers. Source: proc(5). */
export function statFields(stat: string): Omit<ProcessFacts, 'isMarked'> & { readonly state: string } {
  // The name in brackets may hold spaces and brackets itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const numberAt = (index: number): number => Number.parseInt(fields[index] ?? '', 10)
  return {
    pid: Number.parseInt(stat, 10),
    state: fields[0] ?? '',
    parent: numberAt(1),
    group: numberAt(2),
    session: numberAt(3),
    startedTicks: numberAt(19),
  }
}
