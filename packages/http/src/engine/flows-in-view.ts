import type { SavedView } from '@perfect/core'
import { parseRunFilter } from '@perfect/core/filter'

/** The flows that the filter of a view names. */
export function flowsIn({ filter }: SavedView): readonly string[] {
  const { flowIds = [], not } = parseRunFilter(filter)
  return [...flowIds, ...(not?.flowIds ?? [])]
}
