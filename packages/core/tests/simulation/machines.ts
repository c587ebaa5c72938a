/* The machines of a simulation and the mischief that is done to them between their calls. */
import type { Flow } from '@perfect/core'

import { SimulatedProcess, type EngineSettings } from './process.ts'
import type { ProgramHost } from './run-program.ts'
import type { World } from './world.ts'

interface Machine {
  readonly name: string
  process: SimulatedProcess
  generation: number
}

const LONGEST_STOP_MS = 60_000

/** All machines. */
export class Machines {
  readonly #world: World
  readonly #settings: EngineSettings
  readonly #flows: (host: ProgramHost) => readonly Flow<number, number>[]
  readonly #machines: readonly [Machine, ...Machine[]]

  constructor(
    world: World,
    count: number,
    settings: EngineSettings,
    flows: (host: ProgramHost) => readonly Flow<number, number>[],
  ) {
    this.#world = world
    this.#settings = settings
    this.#flows = flows
    const first = this.#machine(0)
    this.#machines = [first, ...Array.from({ length: count - 1 }, (_, index) => this.#machine(index + 1))]
  }

  /** A process that can be asked for something, by chance; undefined when the chosen one is gone. */
  any(): SimulatedProcess | undefined {
    const { process } = this.#world.timeline.pick(this.#machines)
    return process.isAlive && process.engine.state === 'running' ? process : undefined
  }

  /** Does something bad to one of them. */
  mischief(leaseMs: number): void {
    const { timeline, plan } = this.#world
    const machine = timeline.pick(this.#machines)
    const kinds = [
      [plan.kills, () => this.#kill(machine)],
      [plan.pauses, () => machine.process.pause(leaseMs * (0.3 + 2 * timeline.random()))],
      [plan.partitions, () => this.#cut(machine.process)],
      [plan.outages, () => this.#outage()],
      [plan.clockJumps, () => this.#jump(machine.process)],
      [plan.restarts, () => this.#restart(machine)],
    ] as const
    let draw = timeline.random() * 3
    for (const [share, act] of kinds) {
      draw -= share
      if (draw < 0) return act()
    }
  }

  /** Takes all faults back and starts what is dead. */
  heal(): void {
    for (const machine of this.#machines) {
      machine.process.isCut = false
      machine.process.skewMs = 0
      if (!machine.process.isAlive) this.#boot(machine)
    }
  }

  /** Forgets all engines, so that a thousand simulations leave nothing behind. */
  end(): void {
    for (const { process } of this.#machines) {
      process.isAlive = false
      process.forget()
    }
  }

  #machine(index: number): Machine {
    const name = `m${String(index)}`
    const machine: Machine = { name, generation: 1, process: this.#start(name, 1) }
    this.#watch(machine)
    return machine
  }

  #start(name: string, generation: number): SimulatedProcess {
    this.#world.timeline.trace(`boot ${name}`)
    return new SimulatedProcess(this.#world, `${name}.${String(generation)}`, this.#settings, this.#flows)
  }

  #boot(machine: Machine): void {
    machine.generation++
    machine.process = this.#start(machine.name, machine.generation)
    this.#watch(machine)
  }

  // A host that cannot start ends, and is started again by whoever watches over it; so is one that was killed.
  #watch(machine: Machine): void {
    const { process } = machine
    process.engine.start().catch(() => process.kill())
    const look = (): void => {
      if (machine.process !== process) return
      if (process.isAlive) this.#world.timeline.after(500, look)
      else this.#revive(machine)
    }
    this.#world.timeline.after(500, look)
  }

  #revive(machine: Machine): void {
    const { timeline } = this.#world
    if (timeline.chance(0.5)) machine.process.forget()
    timeline.after(timeline.random() * 4000, () => {
      if (!machine.process.isAlive) this.#boot(machine)
    })
  }

  #kill(machine: Machine): void {
    machine.process.kill()
  }

  #cut(process: SimulatedProcess): void {
    this.#world.fault(`partition ${process.name}`)
    process.isCut = true
    this.#world.timeline.after(this.#world.timeline.random() * 6000, () => {
      process.isCut = false
    })
  }

  #outage(): void {
    if (this.#world.store.isDown) return
    this.#world.fault('outage')
    this.#world.store.isDown = true
    this.#world.timeline.after(200 + this.#world.timeline.random() * 3000, () => {
      this.#world.store.isDown = false
    })
  }

  #jump(process: SimulatedProcess): void {
    this.#world.fault(`clock-jump ${process.name}`)
    process.skewMs += (this.#world.timeline.random() - 0.5) * 20_000
  }

  /** Stops an engine in good order and starts the next. */
  #restart(machine: Machine): void {
    const { process } = machine
    if (!process.isAlive || process.engine.state !== 'running') return
    const { timeline, audit } = this.#world
    this.#world.fault(`restart ${process.name}`)
    const end = (): void => {
      process.isAlive = false
    }
    process.engine.stop({ drainMs: timeline.between(0, 2000) }).then(end, (error: unknown) => {
      audit.violation('stop', String(error))
      end()
    })
    timeline.after(LONGEST_STOP_MS, () => {
      if (process.isAlive && !process.isPaused) audit.violation('stop', `${process.name} does not stop`)
      process.kill()
    })
  }
}
