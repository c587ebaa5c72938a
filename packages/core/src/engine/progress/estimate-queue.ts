import type { RunRecord } from '../../storage/records.ts'
import type { Storage } from '../../storage/storage.ts'
import type { FlowRegistry } from '../flow-registry.ts'
import { basisText, queuedSentence } from './estimate-text.ts'
import type { EstimateView } from './estimate-view.ts'
import type { FlowModel } from './flow-model.ts'
import { median } from './run-shape.ts'

interface QueueParts {
  readonly storage: Storage
  readonly registry: FlowRegistry
  readonly concurrency: number
  /** What the runs that are driven here still take, as far as it is known; of one flow, or of all. Unit: ms. */
  readonly running: (flowId: string | null) => readonly (number | null)[]
}

/** When a run that is in line starts: those before it, at the pace at which runs of its flow end. null: it is not in line. */
export async function estimateQueue(
  { storage, registry, concurrency, running }: QueueParts,
  run: RunRecord,
  model: FlowModel,
): Promise<EstimateView | null> {
  if (run.status !== 'queued') return null
  const ahead = await storage.line.ahead(run)
  const ownPlaces = registry.forRun(run)?.limits?.max ?? Infinity
  const places = Math.max(1, Math.min(ownPlaces, concurrency))
  const totals = model.past.map(({ total }) => total)
  const usualMs = totals.length === 0 ? null : median(totals)
  const before = running(ownPlaces === places ? run.flowId : null)
  const startsInMs = usualMs === null ? null : Math.round(startsIn({ ahead, places, running: before, usualMs }))
  return {
    state: 'queued',
    remainingMs: usualMs === null || startsInMs === null ? null : Math.round(startsInMs + usualMs),
    finishAt: null,
    early: null,
    late: null,
    fraction: null,
    startsInMs,
    ahead,
    basis: usualMs === null ? 'from nothing yet' : basisText(totals.length, run.configuration),
    sentence: queuedSentence(startsInMs, ahead),
  }
}

// More places than these come free all the time.
const MAX_PLACES = 1000
const MAX_AHEAD = 10_000

/**
 * When a place comes free for the run that has so many before it: each of them takes the place that is free first, for the usual time.
 *
 * @param line.running What the runs that have places still take; null for those that nobody knows of.
 */
export function startsIn(line: {
  readonly ahead: number
  readonly places: number
  readonly running: readonly (number | null)[]
  readonly usualMs: number
}): number {
  const { ahead, running, usualMs } = line
  const places = Math.min(MAX_PLACES, line.places)
  // Of what is not known, half is over as often as not.
  const frees = Array.from({ length: places }, (_, index) => running[index] ?? usualMs / 2)
  for (let before = 0; before < Math.min(MAX_AHEAD, ahead); before++) {
    const first = Math.min(...frees)
    frees[frees.indexOf(first)] = first + usualMs
  }
  return Math.min(...frees)
}
