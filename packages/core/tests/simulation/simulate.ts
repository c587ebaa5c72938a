/*
 * One simulation: machines, engines, one storage, runs and everything that goes wrong, all drawn from one seed. First comes a time of
 * faults; then everything heals, and every run must end, as it would have ended without any fault.
 */
import type { Flow, RunPlacing } from '@perfect/core'

import { loadForecaster } from '../../src/engine/progress/forecaster.ts'
import { questions } from '../../src/engine/questions.ts'
import type { RunRecord } from '../../src/storage/records.ts'
import { isFinalRun } from '../../src/storage/run-rules.ts'
import { checkAttempts } from './check-attempts.ts'
import { checkReplays } from './check-replays.ts'
import { checkSchedules, schedulesEnd } from './check-schedules.ts'
import { checkUndo } from './check-undo.ts'
import { Client } from './client.ts'
import { Correspondent } from './correspondent.ts'
import { Machines } from './machines.ts'
import { CORRECT, type Mutant } from './mutants.ts'
import { expectedOutcome, TIMED_OUT } from './outcome.ts'
import { tasksOf } from './program-names.ts'
import { ProgramMaker, type Program } from './program.ts'
import { programFlows, type ProgramHost } from './run-program.ts'
import type { Timeline } from './timeline.ts'
import { World } from './world.ts'

/** What became of a simulation. */
export interface Report {
  readonly seed: number
  readonly violations: readonly string[]
  /** Equal for two simulations of one seed. */
  readonly hash: string
  readonly events: number
  readonly simulatedMs: number
  readonly runs: number
  readonly attempts: number
  readonly faults: ReadonlyMap<string, number>
  readonly history: readonly string[]
}

/** How to simulate. */
export interface SimulationOptions {
  readonly mutant?: Mutant
  /** Keeps the history. */
  readonly isVerbose?: boolean
}

// Long enough for a lease, the longest backoff, the longest sleeps one after the other in flows that call each other, and the worst clock of a machine.
const HEALED_MS = 6_000_000
const MANY_EPOCHS = 10

// Loading code takes real time, in which nothing that is simulated may wait.
await Promise.all([loadForecaster(), questions()])

/** Runs the simulation of a seed. */
export async function simulate(seed: number, options: SimulationOptions = {}): Promise<Report> {
  const world = new World(seed, options.mutant ?? CORRECT, options.isVerbose ?? false)
  const { timeline, audit } = world
  const startAt = timeline.now
  const strays: unknown[] = []
  const onStray = (reason: unknown): void => void strays.push(reason)
  process.on('unhandledRejection', onStray)
  await world.store.storage.open()
  const maker = new ProgramMaker(timeline)
  const programs = Array.from({ length: timeline.between(1, 3) }, (_, index) => maker.make(`flow${String(index)}`))
  audit.expect(programs)
  const settings = {
    leaseMs: timeline.pick([2000, 3000, 6000]),
    concurrency: timeline.pick([1, 2, 100]),
    cancelGraceMs: timeline.between(0, 3000),
  }
  const flows = (host: ProgramHost): readonly Flow<number, number>[] => programFlows(programs, host, startAt)
  const machines = new Machines(world, timeline.between(1, 3), settings, flows)
  const client = new Client(world, machines)
  new Correspondent(world, machines, programs).begin()
  const chaosMs = timeline.between(10_000, 30_000)
  for (const wish of drawWishes(world, programs, chaosMs)) client.want(wish)
  const disturb = (): void => {
    if (timeline.elapsed > chaosMs) return
    machines.mischief(settings.leaseMs)
    timeline.after(200 + timeline.random() * 3000, disturb)
  }
  timeline.after(500, disturb)
  timeline.after(chaosMs, () => {
    world.heal()
    client.resumeAll()
    machines.heal()
  })
  const wanted = client.acknowledged
  const hasEnded = (): boolean =>
    audit.violations.length > 20 ||
    (timeline.elapsed > schedulesEnd(audit.policies.values(), chaosMs) &&
      wanted.size > 0 &&
      audit.runs.every(({ status }) => isFinalRun(status)))
  const isOver = await timeline.pass(chaosMs + HEALED_MS, hasEnded)
  if (!isOver)
    for (const run of audit.runs) if (!isFinalRun(run.status)) audit.violation('liveness', `${run.id} is ${run.status}`)
  await checkOutcomes(world, programs, client)
  if (isOver) checkSchedules(audit, startAt)
  if (isOver) await checkReplays(world, machines, replayable(audit.runs))
  machines.end()
  process.off('unhandledRejection', onStray)
  for (const stray of strays) audit.violation('unhandled', stray instanceof Error ? String(stray.stack) : String(stray))
  return {
    seed,
    violations: audit.violations,
    hash: timeline.hash,
    events: timeline.events,
    simulatedMs: timeline.elapsed,
    runs: audit.runs.length,
    attempts: [...audit.attempts.values()].reduce((total, count) => total + count, 0),
    faults: world.faults,
    history: timeline.history,
  }
}

function drawWishes({ timeline }: World, programs: readonly Program[], chaosMs: number) {
  const [first, ...others] = programs
  if (first === undefined) throw new TypeError('A simulation needs a program.')
  return Array.from({ length: timeline.between(1, 5) }, (_, index) => {
    const placing = drawPlacing(timeline)
    // A run that others may join, or change, is nobody's own.
    const isShared = placing.dedupe !== undefined || placing.debounce !== undefined
    return {
      flow: timeline.pick([first, ...others]).name,
      input: index,
      configuration: timeline.pick(['development', 'debug', 'release']),
      idempotencyKey: !isShared && timeline.chance(0.6) ? `key ${String(index)}` : null,
      atMs: timeline.random() * chaosMs * 0.7,
      cancelAfterMs: timeline.chance(0.15) ? timeline.random() * 6000 : null,
      isForced: timeline.chance(0.3),
      pauseAfterMs: timeline.chance(0.15) ? timeline.random() * 6000 : null,
      retryFrom: timeline.chance(0.15) ? timeline.pick(['failed', 'start'] as const) : null,
      placing,
    }
  })
}

function drawPlacing(timeline: Timeline): RunPlacing {
  const key = timeline.pick(['one', 'other'])
  return {
    ...(timeline.chance(0.2) && { priority: timeline.between(-10, 10) }),
    ...timeline.pick<RunPlacing>([
      {},
      {},
      {},
      {},
      { delay: timeline.between(0, 6000) },
      { dedupe: { key } },
      { debounce: { key, delay: timeline.between(0, 3000), maxWait: timeline.between(3000, 6000) } },
    ]),
  }
}

/** Whether it was ended at once, or one that it was started by. */
function wasForced(world: World, client: Client, { id, parentRunId }: RunRecord): boolean {
  const parent = parentRunId === null ? undefined : world.audit.run(parentRunId)
  return client.forced.has(id) || (parent !== undefined && wasForced(world, client, parent))
}

/** Runs whose results were kept and that went their way to the end. */
function replayable(runs: readonly RunRecord[]): readonly string[] {
  return runs.filter(({ error, epoch }) => epoch > 0 && error?.code !== 'CRASH_LOOP').map(({ id }) => id)
}

/** Compares how runs ended with how they would have ended without faults. */
async function checkOutcomes(world: World, programs: readonly Program[], client: Client): Promise<void> {
  const { audit, store } = world
  const undoable = tasksOf(programs, 'undoable')
  for (const id of client.acknowledged.keys()) if (!audit.run(id)) audit.violation('I8', `${id} is gone`)
  for (const run of audit.runs) {
    if (!isFinalRun(run.status)) continue
    checkAttempts(audit, run)
    if (!wasForced(world, client, run)) checkUndo(audit, run, undoable)
    if (run.status === 'cancelled') {
      const mayBe = client.cancelled.has(run.id) || !client.acknowledged.has(run.id)
      if (!mayBe)
        audit.violation('outcome', `${run.id} was cancelled and nobody asked for it: ${String(run.cancelReason)}`)
      continue
    }
    const program = programs.find(({ name }) => name === run.flowId)
    if (!program) continue
    const [input, result] = await Promise.all([store.storage.runs.input(run.id), store.storage.runs.result(run.id)])
    const actual = shown(run, result)
    // What fails in the first run only may have succeeded already in what a retry takes over.
    const attempts = run.retryOf === null ? [run.attempt] : [run.attempt, run.attempt + 1]
    const expected = attempts.map((attempt) => JSON.stringify(expectedOutcome(program, Number(input), attempt)))
    // With so many faults that no attempt ever ends, giving the run up is right.
    // With it goes who has called it.
    if (run.error?.code === 'CRASH_LOOP' && audit.runs.some(({ epoch }) => epoch > MANY_EPOCHS)) continue
    if (!expected.includes(actual))
      audit.violation('outcome', `${run.id} ended as ${actual} instead of ${expected.join(' or ')}`)
  }
}

function shown(run: RunRecord, result: string | null): string {
  if (run.status === 'succeeded') return JSON.stringify({ result: Number(result) })
  return JSON.stringify({ error: run.error?.code === 'RUN_TIMEOUT' ? TIMED_OUT : run.error?.message })
}
