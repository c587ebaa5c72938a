import type { FlowDefinition } from '../../definition/flow.ts'
import type { KnownSchedule } from './schedule-record.ts'

/** A schedule that an engine looks at. */
export interface ScheduleEntry {
  readonly definition: FlowDefinition
  known: KnownSchedule
  /** When to look at it next; null: when something changes. */
  lookAt: number | null
  isBusy: boolean
}

/** The schedules that an engine looks at, by flow. */
export class ScheduleEntries {
  readonly #byFlow = new Map<string, Map<string, ScheduleEntry>>()

  of(flowId: string): readonly ScheduleEntry[] {
    return [...(this.#byFlow.get(flowId)?.values() ?? [])]
  }

  *all(): Generator<ScheduleEntry> {
    for (const entries of this.#byFlow.values()) yield* entries.values()
  }

  has(entry: ScheduleEntry): boolean {
    const { id, flowId } = entry.known.record
    return this.#byFlow.get(flowId)?.get(id) === entry
  }

  /** Takes a schedule when it is new, or newer than what is known; gives its entry then. */
  keep(definition: FlowDefinition, known: KnownSchedule): ScheduleEntry | undefined {
    const { id, revision } = known.record
    const entries = this.#byFlow.get(definition.id) ?? new Map<string, ScheduleEntry>()
    const entry = entries.get(id)
    if (entry?.definition === definition && entry.known.record.revision >= revision) return undefined
    const kept = { definition, known, lookAt: null, isBusy: false }
    this.#byFlow.set(definition.id, entries.set(id, kept))
    return kept
  }

  /** Forgets the schedules of a flow that are not among these. */
  keepOnly(flowId: string, known: readonly KnownSchedule[]): void {
    const ids = new Set(known.map(({ record }) => record.id))
    for (const { known: one } of this.of(flowId)) if (!ids.has(one.record.id)) this.remove(flowId, one.record.id)
  }

  remove(flowId: string, id: string): void {
    this.#byFlow.get(flowId)?.delete(id)
  }

  removeFlow(flowId: string): void {
    this.#byFlow.delete(flowId)
  }

  clear(): void {
    this.#byFlow.clear()
  }
}
