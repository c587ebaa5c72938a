/* The whole log of a run as a stream: line by line from the storage, so that its size is no matter. */
import { PerfectError, type FlowEngine, type LogsQuery, type LogView } from '@perfect/core'
import type { Context } from 'hono'

import type { ApiEnv } from '../api-context.ts'

/** `ndjson`: one JSON object a line; `text`: for people. */
export type LogFormat = 'ndjson' | 'text'

/** Media types of the formats. */
const LOG_TYPES: Readonly<Record<LogFormat, string>> = {
  ndjson: 'application/x-ndjson; charset=utf-8',
  text: 'text/plain; charset=utf-8',
}

const PAGE = 1000

/** Answers with all lines of a run that fit. @throws {PerfectError} RUN_NOT_FOUND */
export async function downloadLogs(
  c: Context<ApiEnv>,
  engine: FlowEngine,
  { runId, format, filter }: { readonly runId: string; readonly format: LogFormat; readonly filter: LogsQuery },
): Promise<Response> {
  // Before the status is sent: a run that does not exist is a problem, not half a file.
  const first = await engine.getLogs(runId, { ...filter, limit: PAGE })
  const lines = linesOf(engine, runId, filter, first)
  return streamLines(c, { name: runId, format, lines, toText })
}

/** Lines that come in parts, as a file to download. */
interface LineFile<T> {
  readonly name: string
  readonly format: LogFormat
  readonly lines: AsyncIterator<readonly T[]>
  /** A line for people. */
  readonly toText: (line: T) => string
}

/** Answers with lines as they come, so that their number is no matter. */
export function streamLines<T>(c: Context<ApiEnv>, { name, format, lines, toText: toPeople }: LineFile<T>): Response {
  const encoder = new TextEncoder()
  const write = format === 'text' ? toPeople : (line: T): string => JSON.stringify(line)
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await lines.next()
      if (next.done) controller.close()
      else controller.enqueue(encoder.encode(next.value.map((line) => `${write(line)}\n`).join('')))
    },
    async cancel() {
      await lines.return?.()
    },
  })
  const file = `${name.replaceAll(/[^\w.-]/g, '_')}.${format === 'text' ? 'log' : 'ndjson'}`
  return c.body(body, 200, {
    'content-type': LOG_TYPES[format],
    'content-disposition': `attachment; filename="${file}"`,
  })
}

async function* linesOf(
  engine: FlowEngine,
  runId: string,
  filter: LogsQuery,
  first: Awaited<ReturnType<FlowEngine['getLogs']>>,
): AsyncGenerator<readonly LogView[], void, undefined> {
  let page = first
  for (;;) {
    yield page.items
    if (page.nextCursor === null) return
    try {
      page = await engine.getLogs(runId, { ...filter, after: Number(page.nextCursor), limit: PAGE })
    } catch (error) {
      // Forgotten meanwhile: what was there has been sent.
      if (PerfectError.is(error, 'RUN_NOT_FOUND')) return
      throw error
    }
  }
}

function toText(line: LogView): string {
  const where = line.task === null ? '' : ` [${line.task}]`
  const fields = line.fields === null ? '' : ` ${JSON.stringify(line.fields)}`
  return `${line.at} ${line.level.toUpperCase().padEnd(5)}${where} ${line.message}${fields}`
}
