import type { FlowView, RunView, SegmentView, TaskView } from '@perfect/core'

import { buildTaskTree, type TaskNode } from './task-tree.ts'

/**
 * The parts of a run's progress bar.
 *
 * Runs that ended before this page was opened, or that another engine holds, come without segments. Their bar is drawn from the
 * tasks when they are known; otherwise from the planned weights, filled from the left by the percentage: then the shape is true,
 * and which task was where is not claimed.
 */
export function segmentsOf(
  run: RunView,
  flow: FlowView | undefined,
  tasks?: ReadonlyMap<string, TaskView>,
): readonly SegmentView[] {
  if (run.progress.segments.length > 0) return run.progress.segments
  if (tasks !== undefined && tasks.size > 0) return fromTasks(tasks, flow)
  return fromPlan(run, flow)
}

function fromTasks(tasks: ReadonlyMap<string, TaskView>, flow: FlowView | undefined): readonly SegmentView[] {
  const planned = new Map(flow?.tasks.map(({ name, weight }) => [name, weight]))
  return buildTaskTree(tasks.values(), flow, false).map((node) => ({
    name: node.label,
    weight: planned.get(node.label) ?? node.weight,
    fraction: fractionOf(node),
    status: node.status === 'sleeping' || node.status === 'waiting' ? 'running' : node.status,
  }))
}

function fractionOf({ task, children, status }: TaskNode): number {
  if (status === 'succeeded') return 1
  if (children.length === 0) return task?.fraction ?? 0
  const total = children.reduce((sum, { weight }) => sum + weight, 0)
  return children.reduce((sum, child) => sum + fractionOf(child) * child.weight, 0) / Math.max(total, Number.EPSILON)
}

function fromPlan(run: RunView, flow: FlowView | undefined): readonly SegmentView[] {
  const share = run.progress.percent / 100
  const planned = flow?.tasks ?? []
  if (planned.length === 0) return [{ name: run.flowName, weight: 1, fraction: share, status: stateOf(run, share) }]
  let left = share * planned.reduce((sum, { weight }) => sum + weight, 0)
  return planned.map(({ name, weight }) => {
    const fraction = Math.min(1, Math.max(0, left / weight))
    left -= weight
    return { name, weight, fraction, status: stateOf(run, fraction) }
  })
}

function stateOf(run: RunView, fraction: number): SegmentView['status'] {
  // A sum of weights rarely divides evenly; a thousandth is less than a pixel.
  if (fraction > 0.999) return 'succeeded'
  if (fraction <= 0) return 'pending'
  return run.status === 'failed' ? 'failed' : 'running'
}
