import type { FlowEngine, LogView, RunDetailView, RunHandle } from '@perfect/core'

const STEPS = 5
const BRANCHES = 3
const WHAT = [
  ...Array.from({ length: STEPS }, (_, n) => `step ${String(n)}`),
  ...Array.from({ length: BRANCHES }, (_, n) => `branch ${String(n)}`),
]

/** What is wrong after all; each list names runs. */
export interface Findings {
  readonly runs: number
  readonly epochs: number
  readonly unfinished: readonly string[]
  readonly wrongResults: readonly string[]
  readonly duplicateRecords: readonly string[]
  readonly missingRecords: readonly string[]
  /** Lines that recorded tasks have written, and the log does not have. */
  readonly lostLines: readonly string[]
  readonly doubleLines: readonly string[]
  /** Tasks that are recorded and left no trace. */
  readonly neverDone: readonly string[]
  readonly effects: number
  /** Effects of tasks that were started again, since their worker was gone before their end was recorded. */
  readonly repeatedEffects: number
}

interface Finding {
  readonly kind: 'unfinished' | 'wrongResults' | 'duplicateRecords' | 'missingRecords' | 'lostLines' | 'doubleLines'
  readonly text: string
}

/** Compares what the engine has of the runs with what they must have, and with the traces that their tasks left. */
export async function examine(engine: FlowEngine, runs: readonly RunHandle[], traces: string): Promise<Findings> {
  const findings: Finding[] = []
  let epochs = 0
  for (const [index, { id }] of runs.entries()) {
    const detail = await engine.getRunDetail(id)
    epochs = Math.max(epochs, detail.run.epoch)
    findings.push(...findingsOf(index + 1, detail, await allLogs(engine, id)))
  }
  const of = (kind: Finding['kind']): readonly string[] =>
    findings.flatMap((found) => (found.kind === kind ? [found.text] : []))
  const lines = traces.split('\n').filter((line) => line !== '')
  const effects = new Set(lines)
  const wanted = runs.flatMap(({ id }) => WHAT.map((what) => `${id} ${what}`))
  return {
    runs: runs.length,
    epochs,
    unfinished: of('unfinished'),
    wrongResults: of('wrongResults'),
    duplicateRecords: of('duplicateRecords'),
    missingRecords: of('missingRecords'),
    lostLines: of('lostLines'),
    doubleLines: of('doubleLines'),
    neverDone: wanted.filter((line) => !effects.has(line)),
    effects: lines.length,
    repeatedEffects: lines.length - effects.size,
  }
}

function findingsOf(seed: number, { run, tasks, result }: RunDetailView, logs: readonly LogView[]): readonly Finding[] {
  if (run.status !== 'succeeded') {
    const error = run.error ? `: ${run.error.message}` : ''
    return [{ kind: 'unfinished', text: `${run.id} is ${run.status} in epoch ${String(run.epoch)}${error}` }]
  }
  const findings: Finding[] = []
  const { value, lines } = result as { readonly value: number; readonly lines: readonly string[] }
  if (value !== valueOf(seed)) findings.push({ kind: 'wrongResults', text: `${run.id}: ${String(value)}` })
  const keys = tasks.map(({ key }) => key)
  for (const key of duplicates(keys)) findings.push({ kind: 'duplicateRecords', text: `${run.id} ${key}` })
  if (keys.length < WHAT.length) findings.push({ kind: 'missingRecords', text: `${run.id}: ${keys.join(', ')}` })
  const messages = logs.map(({ message }) => message)
  for (const line of lines)
    if (!messages.includes(line)) findings.push({ kind: 'lostLines', text: `${run.id} ${line}` })
  for (const line of duplicates(messages)) findings.push({ kind: 'doubleLines', text: `${run.id} ${line}` })
  return findings
}

async function allLogs(engine: FlowEngine, id: string): Promise<readonly LogView[]> {
  return (await engine.getLogs(id, { limit: 1000 })).items
}

function valueOf(seed: number): number {
  let value = seed
  for (let n = 0; n < STEPS; n++) value = ((value * 31) % 1_000_003) + n
  for (let n = 0; n < BRANCHES; n++) value += n * n
  return value
}

function duplicates(items: readonly string[]): readonly string[] {
  return items.filter((item, index) => items.indexOf(item) !== index)
}
