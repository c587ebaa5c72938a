/* Where runs that are to come meet each other. Pure. */

/** A run that is expected. Unit of instants: ms since 1970 UTC. */
export interface ExpectedRun {
  readonly scheduleId: string
  readonly flowId: string
  readonly from: number
  /** null: nobody knows how long it takes. */
  readonly to: number | null
}

/** How many may run at a time. null: any number. */
export interface RunLimits {
  readonly engine: number
  readonly flow: (flowId: string) => number | null
  /** Whether runs of a schedule may overlap. */
  readonly mayOverlap: (scheduleId: string) => boolean
}

/** More runs at a time than may run. */
export interface RunCollision {
  /** Whose limit it is: of the engine, of a flow, or of a schedule whose runs may not overlap. */
  readonly kind: 'engine' | 'flow' | 'schedule'
  /** The flow or the schedule; null for the engine. */
  readonly id: string | null
  readonly at: number
  readonly limit: number
  /** Runs that are expected to be open then. */
  readonly runs: number
}

interface Group {
  readonly kind: RunCollision['kind']
  readonly id: string | null
  readonly limit: number
  readonly ends: number[]
  isOver: boolean
}

/** The moments at which a limit is exceeded, each once as long as it stays so. */
export function findCollisions(runs: readonly ExpectedRun[], limits: RunLimits): readonly RunCollision[] {
  const groups = new Map<string, Group>()
  const collisions: RunCollision[] = []
  const enter = (kind: Group['kind'], id: string | null, limit: number | null, run: ExpectedRun): void => {
    if (limit === null) return
    const key = `${kind} ${id ?? ''}`
    const group = groups.get(key) ?? { kind, id, limit, ends: [], isOver: false }
    groups.set(key, group)
    const open = group.ends.filter((end) => end > run.from)
    group.ends.splice(0, group.ends.length, ...open, run.to ?? run.from)
    const isOver = open.length >= limit
    if (isOver && !group.isOver) collisions.push({ kind, id, at: run.from, limit, runs: open.length + 1 })
    group.isOver = isOver
  }
  for (const run of runs.toSorted((left, right) => left.from - right.from)) {
    enter('engine', null, limits.engine, run)
    enter('flow', run.flowId, limits.flow(run.flowId), run)
    if (!limits.mayOverlap(run.scheduleId)) enter('schedule', run.scheduleId, 1, run)
  }
  return collisions
}
