import type { FlowView } from '@perfect/core'

/** The next time at which a flow starts by itself. */
export interface NextStart {
  readonly flow: FlowView
  /** Unit: ms since 1970. */
  readonly at: number
}

/** Which flow starts next by itself; null when none is scheduled. */
export function nextStart(flows: Iterable<FlowView>, now: number): NextStart | null {
  let next: NextStart | null = null
  for (const flow of flows) {
    const at = Date.parse(flow.schedule?.nextAt ?? '')
    if (at > now && (next === null || at < next.at)) next = { flow, at }
  }
  return next
}
