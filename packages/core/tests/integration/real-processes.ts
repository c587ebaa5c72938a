import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

import { systemClock } from '../../src/primitives/clock.ts'
import { childProcessAdapter } from '../../src/processes/child-process.ts'
import { ClientProcesses } from '../../src/processes/client-processes.ts'
import type { ClientLogView, ClientView } from '../../src/processes/client-view.ts'
import type { ClientDeclaration } from '../../src/processes/process-adapter.ts'

/** Real client processes, and what they told. */
export interface RealClients {
  readonly processes: ClientProcesses
  /** Every line that was published. */
  readonly lines: ClientLogView[]
  readonly exited: string[]
  /** State of the only, or first, client. */
  view(): ClientView
  /** Waits for a line `<name> <pid>` and gives the pid. */
  pidOf(name: string): Promise<number>
}

const open: ClientProcesses[] = []

export function realClients(declarations: Readonly<Record<string, ClientDeclaration>>): RealClients {
  const lines: ClientLogView[] = []
  const exited: string[] = []
  const publish = {
    updated: () => undefined,
    log: (_id: string, added: readonly ClientLogView[]) => void lines.push(...added),
    exited: (label: string) => void exited.push(label),
  }
  const adapter = childProcessAdapter({ leftoverGraceMs: 200 })
  const processes = new ClientProcesses({ declarations, adapter, clock: systemClock, publish })
  open.push(processes)
  const view = (): ClientView => {
    const [first] = processes.status()
    if (first === undefined) throw new Error('No client is declared')
    return first
  }
  return { processes, lines, exited, view, pidOf: (name) => pidIn(name, () => view().logs.map((line) => line.text)) }
}

/** Ends what a test has left running. */
export async function stopRealClients(): Promise<void> {
  await Promise.all(open.splice(0).map((processes) => processes.stopAll()))
}

/** A client that runs JavaScript; `say(name, pid)` tells a pid. */
export function javascript(code: string, rest: Partial<ClientDeclaration> = {}): ClientDeclaration {
  return { command: process.execPath, args: ['-e', `${SAY}${code}`], graceMs: 5000, restart: 'never', ...rest }
}

const SAY = 'const say = (name, pid) => process.stdout.write(name + " " + pid + "\\n");'

/** Waits for a line `<name> <pid>`. */
async function pidIn(name: string, texts: () => readonly string[]): Promise<number> {
  const find = (): string | undefined => texts().find((text) => text.startsWith(`${name} `))
  await eventually(() => find() !== undefined, `a line with the pid of ${name}`)
  return Number(find()?.split(' ')[1])
}

/** Polls until a condition holds. */
export async function eventually(holds: () => boolean, what: string, withinMs = 15_000): Promise<void> {
  const until = performance.now() + withinMs
  while (!holds()) {
    if (performance.now() > until) throw new Error(`Waited in vain for ${what}`)
    await delay(10)
  }
}

/** Whether a process has ended. One that nobody has waited for yet counts as ended. */
export function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return true
  }
  const path = `/proc/${String(pid)}/stat`
  if (!existsSync('/proc/self/stat')) return false
  try {
    return /\) [ZX] /.test(readFileSync(path, 'latin1'))
  } catch {
    return true
  }
}
