/**
 * The grammar of run filters, for programs that have no engine: browsers, command lines.
 *
 * @packageDocumentation
 */
export { formatRunFilter } from './engine/run-filter/format-run-filter.ts'
export { parseRunFilter } from './engine/run-filter/parse-run-filter.ts'
export type { RunsFilter, RunsValues } from './engine/runs-query.ts'
