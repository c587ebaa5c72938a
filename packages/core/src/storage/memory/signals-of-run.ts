import type { SignalRecord } from '../records.ts'
import type { MemoryState } from './state.ts'

/** Signals for a run, or taken by it, in the order they were sent. */
export function signalsOf({ signals, signalsOfRun }: MemoryState, runId: string): readonly SignalRecord[] {
  return [...(signalsOfRun.get(runId)?.keys() ?? [])]
    .map((id) => signals.get(id))
    .filter((stored) => stored !== undefined)
    .toSorted((left, right) => left.order - right.order)
    .map(({ signal }) => signal)
}
