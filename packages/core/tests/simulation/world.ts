import { Audit } from './audit.ts'
import { CALM, drawFaults, type FaultPlan } from './faults.ts'
import type { Mutant } from './mutants.ts'
import { SharedStore } from './shared-store.ts'
import { Timeline } from './timeline.ts'

/** What the parts of one simulation share. */
export class World {
  readonly timeline: Timeline
  readonly audit: Audit
  readonly store: SharedStore
  readonly mutant: Mutant
  readonly faults: Map<string, number> = new Map()
  plan: FaultPlan

  constructor(seed: number, mutant: Mutant, isVerbose: boolean) {
    this.timeline = new Timeline(seed, isVerbose)
    this.mutant = mutant
    this.plan = drawFaults(this.timeline)
    this.audit = new Audit(this.timeline)
    this.store = new SharedStore(this.timeline, this.audit, mutant)
  }

  /** Counts a fault. */
  fault(what: string): void {
    const kind = what.split(' ')[0] ?? what
    this.faults.set(kind, (this.faults.get(kind) ?? 0) + 1)
    this.timeline.trace(`FAULT ${what}`)
  }

  /** How long a message takes. Unit: ms. */
  latency(): number {
    const { timeline, plan } = this
    return 1 + timeline.random() * 5 + (timeline.chance(plan.slowCalls) ? timeline.random() * 4000 : 0)
  }

  /** Ends all faults. */
  heal(): void {
    this.plan = CALM
    this.store.isDown = false
    this.timeline.trace('healed')
  }
}
