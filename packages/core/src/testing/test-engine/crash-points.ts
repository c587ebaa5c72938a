import type { Change } from '../../storage/changes.ts'
import type { CrashPlan } from './mortal-engine.ts'

/** Where exactly an engine dies, and how often. */
export interface CrashPoint {
  /** `before`: the result of the task is not stored, and the task runs again. `after`: it is stored, and the task does not. Default: `before`. */
  readonly moment?: 'before' | 'after'
  /** How many times. Range: >= 1. Default: 1. */
  readonly times?: number
}

interface Planned {
  readonly task: string
  readonly moment: 'before' | 'after'
  left: number
}

/** The tasks with which an engine is to die. */
export class CrashPoints implements CrashPlan {
  readonly #planned: Planned[] = []

  add(task: string, { moment = 'before', times = 1 }: CrashPoint): void {
    this.#planned.push({ task, moment, left: times })
  }

  momentOf(change: Change): 'before' | 'after' | null {
    if (change.type !== 'task.put' || change.task.position === null) return null
    const { key, name } = change.task
    const planned = this.#planned.find(({ task, left }) => left > 0 && (task === key || task === name))
    if (planned === undefined) return null
    planned.left--
    return planned.moment
  }
}
