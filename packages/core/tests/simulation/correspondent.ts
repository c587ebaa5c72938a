/* Who sends signals and approvals: to every run, for every name that its program waits for, early or late, until it is sure that they came. */
import { PerfectError } from '@perfect/core'

import { isFinalRun } from '../../src/storage/run-rules.ts'
import type { Machines } from './machines.ts'
import { payloadOf } from './outcome.ts'
import { partsOf } from './program-names.ts'
import type { Program } from './program.ts'
import type { World } from './world.ts'

const EVERY_MS = 1500

/** The one who answers. */
export class Correspondent {
  readonly #world: World
  readonly #machines: Machines
  /** What is waited for, by flow. */
  readonly #waits: ReadonlyMap<string, readonly { readonly id: string; readonly kind: 'signal' | 'approval' }[]>
  readonly #answered = new Set<string>()

  constructor(world: World, machines: Machines, programs: readonly Program[]) {
    this.#world = world
    this.#machines = machines
    this.#waits = new Map(
      programs.map(({ name, body }) => [
        name,
        partsOf(body).flatMap((part) => (part.kind === 'signal' || part.kind === 'approval' ? [part] : [])),
      ]),
    )
  }

  begin(): void {
    this.#world.timeline.after(EVERY_MS, () => {
      for (const run of this.#world.audit.runs)
        if (!isFinalRun(run.status))
          for (const wait of this.#waits.get(run.flowId) ?? []) void this.#answer(run.id, wait)
      this.begin()
    })
  }

  async #answer(
    runId: string,
    { id: name, kind }: { readonly id: string; readonly kind: 'signal' | 'approval' },
  ): Promise<void> {
    const letter = `${runId} ${name}`
    const process = this.#machines.any()
    const { timeline, audit } = this.#world
    if (!process || this.#answered.has(letter) || timeline.chance(0.4)) return
    try {
      // Sent again with the same id it is the same signal.
      if (kind === 'signal') await process.engine.signalRun(runId, name, payloadOf(name), { id: letter })
      else await process.engine.approve(runId, name, { approved: true })
      if (!process.isAlive) return
      this.#answered.add(letter)
      timeline.trace(`answered ${letter}`)
    } catch (error) {
      const isPlain = ['STORAGE_UNAVAILABLE', 'ENGINE_STOPPED', 'RUN_FINISHED'].some((code) =>
        PerfectError.is(error, code as 'RUN_FINISHED'),
      )
      if (process.isAlive && !isPlain) audit.violation('signal', String(error))
    }
  }
}
