import type { FlowView, WorkerView } from '@perfect/core'

/** How many connected workers take runs of a flow; live, while the number in the flow is from when it was read. */
export function workersFor({ id, name }: FlowView, workers: Iterable<WorkerView>): number {
  return [...workers].filter(({ status, flows }) => status === 'online' && (flows.includes(id) || flows.includes(name)))
    .length
}
