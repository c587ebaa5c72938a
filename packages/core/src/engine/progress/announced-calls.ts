/* The calls that maps have announced and that have not started: a map says how many items it has when it begins. Pure. */
import type { LearnedPlan } from '../../journal/learned-plan.ts'
import { mapOf } from '../../journal/map-path.ts'
import type { Announced, FinishedTask, SeenTask } from './twin/twin-state.ts'

/** How many items each outermost map of a run has, by its path: `pages#1`. */
export type AnnouncedMaps = ReadonlyMap<string, number>

const NONE: ReadonlyMap<string, Announced> = new Map()

/**
 * How many calls each task will have in the maps that are known.
 *
 * @param learned What past runs say of calls in an item, and of how often a run comes to a map. Nothing known: once each.
 */
export function announcedCalls(
  maps: AnnouncedMaps,
  calls: readonly SeenTask[],
  learned: LearnedPlan,
): ReadonlyMap<string, Announced> {
  if (maps.size === 0) return NONE
  const announced = new Map<string, Announced>()
  for (const [key, paths] of callsInMaps(calls)) {
    const facts = learned.find(({ name }) => name === key)
    const perItem = facts?.callsPerItem ?? 1
    let [all, isInMap] = [0, false]
    for (const [path, seen] of paths) {
      const items = maps.get(path)
      isInMap ||= items !== undefined
      all += Math.max(seen, Math.round((items ?? 0) * perItem))
    }
    if (isInMap) announced.set(key, { calls: all, isAll: paths.size >= (facts?.rounds ?? 1) })
  }
  return announced
}

/** The maps that a run had come to at an instant, as they can be seen afterwards. */
export function mapsAt(calls: readonly FinishedTask[], now: number): AnnouncedMaps {
  const items = new Map<string, Set<string>>()
  const begun = new Set<string>()
  for (const { id, start } of calls) {
    const map = mapOf(id)
    if (map === null) continue
    if (start <= now) begun.add(map.path)
    const known = items.get(map.path) ?? new Set()
    items.set(map.path, known.add(map.item))
  }
  return new Map([...items].flatMap(([path, { size }]) => (begun.has(path) ? [[path, size] as const] : [])))
}

/** Calls of each task by the path of their map; '' outside of maps. */
function callsInMaps(calls: readonly SeenTask[]): ReadonlyMap<string, Map<string, number>> {
  const tasks = new Map<string, Map<string, number>>()
  for (const { key, id } of calls) {
    const path = mapOf(id)?.path ?? ''
    const paths = tasks.get(key) ?? new Map<string, number>()
    tasks.set(key, paths)
    paths.set(path, (paths.get(path) ?? 0) + 1)
  }
  return tasks
}
