/*
 * What a line of a process says. Plain text is a line of the log; these are told apart:
 *
 *   ::progress 0.4 reading page 3          {"progress": 0.4, "note": "reading page 3"}
 *   ::result {"rows": 17}
 */

/** What a line of output means. */
export interface ProcessLine {
  /** Share of the work that is done. Range: 0..1. */
  readonly progress?: number
  /** What is being done, for people. */
  readonly note?: string
  /** The result of the task; of several, the last counts. Must be JSON. */
  readonly result?: unknown
}

const PROGRESS = /^::progress\s+(\d*\.?\d+)(?:\s+(.*))?$/
const RESULT = /^::result\s+(.+)$/s

/**
 * Reads a line by the format of this module; undefined for plain text.
 *
 * @throws {SyntaxError} When the result of a `::result` line is no JSON.
 */
export function readProcessLine(line: string): ProcessLine | undefined {
  if (line.startsWith('{')) return readJsonProgress(line)
  if (!line.startsWith('::')) return undefined
  const progress = PROGRESS.exec(line)
  if (progress) return { progress: Number(progress[1]), ...(progress[2] !== undefined && { note: progress[2] }) }
  const result = RESULT.exec(line)?.[1]
  return result === undefined ? undefined : { result: JSON.parse(result) as unknown }
}

// Many programs write JSON; only what says nothing but progress is taken for it.
function readJsonProgress(line: string): ProcessLine | undefined {
  if (!line.includes('"progress"')) return undefined
  try {
    const { progress, note, ...rest } = JSON.parse(line) as Record<string, unknown>
    if (typeof progress !== 'number' || Object.keys(rest).length > 0) return undefined
    return { progress, ...(typeof note === 'string' && { note }) }
  } catch {
    return undefined
  }
}
