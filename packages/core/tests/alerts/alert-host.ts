import { setTimeout as pause } from 'node:timers/promises'

import {
  flow,
  FlowEngine,
  memoryStorage,
  step,
  type AlertRule,
  type AlertView,
  type EngineOptions,
  type Flow,
} from '@perfect/core'
import { ManualClock } from '@perfect/core/testing'

import { Receiver, SECRET } from './receiver.ts'

export const AT: number = Date.UTC(2026, 10, 23, 10, 30)
export const SECOND = 1000
export const HOUR: number = 3600 * SECOND

export const fails: Flow<number, unknown> = flow('fails', (row: number) =>
  step('load', () => {
    throw new TypeError(`no row ${String(row)}`)
  }),
)

/** Engines with alerts, on a clock that the test moves, and somebody who receives webhooks. */
export class AlertHost {
  readonly receiver: Receiver = new Receiver()
  readonly clock: ManualClock = new ManualClock(AT)
  readonly #engines: FlowEngine[] = []
  #url = ''

  async open(): Promise<void> {
    this.#url = await this.receiver.listen()
  }

  async close(): Promise<void> {
    await Promise.all(this.#engines.map((engine) => engine.stop({ drainMs: 0 })))
    this.receiver.close()
  }

  async start(alerts: readonly AlertRule[], options: EngineOptions = {}): Promise<FlowEngine> {
    const { clock } = this
    const storage = options.storage ?? memoryStorage({ clock })
    const engine = new FlowEngine({ clock, allowPrivateHosts: ['127.0.0.1'], alerts, ...options, storage })
    this.#engines.push(engine)
    await engine.start()
    return engine
  }

  /** A rule whose webhook goes to the receiver. */
  webhook(on: AlertRule['on']): AlertRule {
    return { name: 'ops', on, webhook: { url: this.#url, secret: SECRET } }
  }

  /** Lets real time pass for the network, and a moment of the clock, until it holds. */
  async until(holds: () => boolean | Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 500; tries++) {
      await this.clock.advance(20)
      if (await holds()) return
      await pause(5)
    }
    throw new Error('It did not come true.')
  }
}

/** The newest alert. */
export async function alertOf(engine: FlowEngine): Promise<AlertView> {
  const [alert] = (await engine.getAlerts()).items
  if (alert === undefined) throw new Error('There is no alert.')
  return alert
}

/** Runs a flow to its end, whatever it is; gives the id of the run. */
export async function runOf(engine: FlowEngine, name: string, input?: unknown): Promise<string> {
  const handle = await engine.triggerFlow(name, { input })
  await handle.result().catch(() => null)
  return handle.id
}
