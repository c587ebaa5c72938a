import { ClientProcesses } from '../../src/processes/client-processes.ts'
import type {
  ClientDeclaration,
  ProcessAdapter,
  ProcessEvents,
  ProcessSpec,
  ProcessUsage,
} from '../../src/processes/process-adapter.ts'
import { ManualClock } from '../../src/testing/manual-clock.ts'

/** A process that was started, to be ended by the test. */
interface Started {
  readonly spec: ProcessSpec
  readonly events: ProcessEvents
  readonly signals: string[]
}

/** An adapter whose processes exist only here: the test says when one runs, writes and ends. */
class StagedAdapter implements ProcessAdapter {
  readonly started: Started[] = []
  brokenCommand: string | undefined
  gate: Promise<void> = Promise.resolve()
  usage: ProcessUsage | null = null

  async start(spec: ProcessSpec, events: ProcessEvents): ReturnType<ProcessAdapter['start']> {
    const signals: string[] = []
    this.started.push({ spec, events, signals })
    const pid = 100 + this.started.length
    await this.gate
    if (spec.command === this.brokenCommand) throw new Error('no memory')
    return {
      pid,
      usage: () => Promise.resolve(this.usage),
      terminate: () => void signals.push('SIGTERM'),
      kill: () => void signals.push('SIGKILL'),
    }
  }

  /** The process that was started last. */
  get last(): Started {
    const last = this.started.at(-1)
    if (last === undefined) throw new Error('Nothing was started')
    return last
  }
}

/** Clients, and what was seen of them. */
export interface Stage {
  readonly adapter: StagedAdapter
  readonly clock: ManualClock
  readonly processes: ClientProcesses
  readonly history: string[]
  /** What is heard of the worker of a process, by its label. */
  readonly heartbeats: Map<string, 'ok' | 'silent'>
  readonly texts: (id: string) => string[]
}

/** Stays as it ends, unless a test says otherwise. */
export const worker: ClientDeclaration = {
  command: 'python3',
  args: ['worker.py'],
  env: { TOKEN: 'secret' },
  graceMs: 500,
  restart: 'never',
}

/** Declares clients whose processes the test ends. */
export function stage(declarations: Record<string, ClientDeclaration> = { worker }): Stage {
  const adapter = new StagedAdapter()
  const clock = new ManualClock()
  const history: string[] = []
  const publish = {
    updated: (view: { id: string; status: string }) => void history.push(`${view.id} ${view.status}`),
    log: () => undefined,
    exited: (label: string) => void history.push(`exited ${label}`),
  }
  const heartbeats = new Map<string, 'ok' | 'silent'>()
  const heartbeat = (label: string): 'ok' | 'silent' | undefined => heartbeats.get(label)
  const processes = new ClientProcesses({ declarations, adapter, clock, publish, heartbeat })
  const texts = (id: string): string[] => processes.status(id).flatMap((view) => view.logs.map((line) => line.text))
  return { adapter, clock, processes, history, heartbeats, texts }
}
