/**
 * The grammar of filters, for programs that have no engine: browsers, command lines.
 *
 * @packageDocumentation
 */
export { parseAuditFilter } from './engine/audit/parse-audit-filter.ts'
export { formatRunFilter } from './engine/run-filter/format-run-filter.ts'
export { parseRunFilter } from './engine/run-filter/parse-run-filter.ts'
export type { AuditFilter, AuditValues } from './storage/audit-records.ts'
export type { RunsFilter, RunsValues } from './engine/runs-query.ts'
