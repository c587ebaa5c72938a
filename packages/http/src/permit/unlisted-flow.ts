import { PerfectError } from '@perfect/core'

/** The message for a flow that is not registered, without those that are: which flows there are is not told to everybody. */
export function unlistedFlow(flow: string): PerfectError<'FLOW_NOT_FOUND'> {
  return new PerfectError(
    'FLOW_NOT_FOUND',
    `Flow ${JSON.stringify(flow)} is not registered. Look for it in the list of flows.`,
    { details: { flow } },
  )
}
