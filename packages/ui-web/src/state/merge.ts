import type { ProgressView, RunView, SegmentView, TaskView } from '@perfect/core'

import { isFinal } from './runs.ts'

/*
 * Answers of the API and live events overtake each other. These rules decide, without any version number, what is shown:
 * a final state stays, an older epoch is ignored, and progress never falls.
 */

/** What is known of a run after `next` arrived. */
export function mergeRun(known: RunView | undefined, next: RunView): RunView {
  if (known === undefined) return next
  if (next.epoch < known.epoch || (isFinal(known) && !isFinal(next))) return known
  const progress = mergeProgress(known.progress, next.progress)
  return { ...next, progress, estimate: mergeEstimate(known, next) }
}

/** Progress after `next` arrived: no number in it is smaller than it was. */
function mergeProgress(known: ProgressView, next: ProgressView): ProgressView {
  return {
    ...next,
    percent: Math.max(known.percent, next.percent),
    done: Math.max(known.done, next.done),
    segments: mergeSegments(known.segments, next.segments),
  }
}

/** Events come without what would have to be read for them: what was known holds until it is told anew, or is over. */
function mergeEstimate(known: RunView, next: RunView): RunView['estimate'] {
  if (isFinal(next) || next.estimate !== null) return next.estimate
  const isOver = known.estimate?.state === 'queued' && next.status !== 'queued'
  return isOver ? null : known.estimate
}

/** A run that ended, or that another engine took over, comes without segments: the ones that were seen stay. */
function mergeSegments(known: readonly SegmentView[], next: readonly SegmentView[]): readonly SegmentView[] {
  if (next.length === 0) return known
  const fractions = new Map(known.map((segment) => [segment.name, segment.fraction]))
  return next.map((segment) => {
    const fraction = Math.max(segment.fraction, fractions.get(segment.name) ?? 0)
    return fraction === segment.fraction ? segment : { ...segment, fraction }
  })
}

/** What is known of a task after `next` arrived. */
export function mergeTask(known: TaskView | undefined, next: TaskView): TaskView {
  if (known === undefined) return next
  if (next.attempt < known.attempt) return known
  const ended = known.status === 'succeeded' || known.status === 'failed'
  const sameAttempt = next.attempt === known.attempt
  if (ended && sameAttempt && next.finishedAt === null) return known
  const fraction = sameAttempt ? Math.max(known.fraction, next.fraction) : next.fraction
  return fraction === next.fraction ? next : { ...next, fraction }
}
