import { monitorEventLoopDelay } from 'node:perf_hooks'

/** How late this process gets to what is due, over the last minute or so. */
export interface EventLoopLag {
  /** Unit: ms. Range: >= 0. */
  readonly meanMs: number
  /** Unit: ms. Range: >= 0. */
  readonly p99Ms: number
  /** The one longest time. Unit: ms. Range: >= 0. */
  readonly maxMs: number
}

/** Tells the lag of the event loop; null while nothing is known. */
export type EventLoopLagReader = () => EventLoopLag | null

// A shorter interval would itself be work for an idle process.
const RESOLUTION_MS = 20
const WINDOW_MS = 60_000
// Fewer samples say little about the worst of a hundred.
const MIN_SAMPLES = 50
const NS_PER_MS = 1e6

type IntervalHistogram = ReturnType<typeof monitorEventLoopDelay>

interface Monitor {
  readonly histogram: IntervalHistogram
  since: number
  last: EventLoopLag | null
}

// One for the process: all engines share its event loop.
let monitor: Monitor | null = null

/** Reads the lag of this process. Measuring begins with the first call, so that who never asks pays nothing. */
export const readEventLoopLag: EventLoopLagReader = () => {
  monitor ??= startMonitor()
  const { histogram, last } = monitor
  const now = histogram.count < MIN_SAMPLES ? null : toLag(histogram)
  if (now && performance.now() - monitor.since > WINDOW_MS) {
    monitor.last = now
    monitor.since = performance.now()
    histogram.reset()
  }
  return now ?? last
}

function startMonitor(): Monitor {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  return { histogram, since: performance.now(), last: null }
}

// What is measured is the time between two samples: an idle loop has the resolution itself.
function toLag(histogram: IntervalHistogram): EventLoopLag {
  const toMs = (ns: number): number => Math.max(0, ns / NS_PER_MS - RESOLUTION_MS)
  return { meanMs: toMs(histogram.mean), p99Ms: toMs(histogram.percentile(99)), maxMs: toMs(histogram.max) }
}
