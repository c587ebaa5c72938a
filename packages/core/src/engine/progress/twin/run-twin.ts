import { Calibration } from './calibration.ts'
import { declaredRuns } from './declared-runs.ts'
import { DRAWS, hash, normalOf } from './draws.ts'
import { endOfRun, finishedGroups } from './finished-groups.ts'
import { overdueTasks } from './overdue.ts'
import { lateness, recentMedian } from './past-runs.ts'
import { pastTasks, type PastTask } from './past-task.ts'
import { clamp, SHORTEST_MS } from './quantiles.ts'
import { closedKeys, seenGroups, type SeenGroup } from './seen-groups.ts'
import { compare } from './similarity.ts'
import { RestSimulation, type Walk, type WalkNode } from './simulate-rest.ts'
import { TaskGraph } from './task-graph.ts'
import type {
  DeclaredTask,
  FinishedRun,
  Forecast,
  ForecastOptions,
  GraphNode,
  PastRun,
  SeenTask,
  TwinState,
} from './twin-state.ts'

const MAX_RUNS = 50
// How fast old runs are forgotten is chosen by how well each of these did so far; the slow one wins ties.
const DECAYS = [0.5, 0.8, 0.97]
const FIRST_LOSS: readonly number[] = [0.02, 0.01, 0]
const SLOW_DECAY = 0.97
const LOSS_STEP = 0.1
const MAX_LOSS = 2
// What declared times weigh after no, one and two runs.
const PRIOR_WEIGHTS = [1, 0.05, 0.02]
const ENOUGH_RUNS = 3
// Up to here an interval is widened: a few runs do not show how much runs differ.
const FEW_RUNS = 12
const FEW_RUNS_SPREAD = 0.65
// Times that differ by less than this part of a run say nothing of its rest.
const SLACK = 0.01
// Of the time so far: a run with no more to do than this, in all draws, is about to end.
const NOTHING_LEFT = 0.001
const FEWEST_WEIGHT = 1e-12

/** What is asked of past runs again and again. */
interface Known {
  readonly tasks: ReadonlyMap<string, PastTask>
  /** Added to times before they are compared. Unit: ms. */
  readonly slack: number
}

/** What is known of a flow in one configuration, and forecasts of its runs. The same for the same runs and seed. */
export class RunTwin {
  #runs: readonly PastRun[] = []
  #graph = new TaskGraph()
  #calibration = new Calibration()
  #known: Known | null = null
  #real = 0
  #seq = 0
  #sxy = 0.16
  #sxx = 0.2
  #loss = [...FIRST_LOSS]

  /** @param tasks With no times of runs, those that are declared have to do. */
  static declared(tasks: readonly DeclaredTask[]): RunTwin {
    const twin = new RunTwin()
    for (const { key, deps, lanes = Infinity } of tasks)
      twin.#graph.learn({ key, parents: deps, lanes: Math.min(lanes, 1e9), piped: false }, 0, true)
    twin.#runs = tasks.length === 0 ? [] : declaredRuns(tasks)
    return twin
  }

  static load(state: TwinState): RunTwin {
    const twin = new RunTwin()
    twin.#runs = state.runs
    twin.#graph = new TaskGraph(state.nodes)
    twin.#calibration = new Calibration(state.pit)
    ;[twin.#real, twin.#seq, twin.#sxy, twin.#sxx] = [state.real, state.seq, state.sxy, state.sxx]
    twin.#loss = [...state.loss]
    return twin
  }

  /** Runs that it has learned durations from. */
  get learned(): number {
    return this.#real
  }

  /** Runs that forecasts are made from. Range: 0..50. */
  get kept(): number {
    return Math.min(this.#real, MAX_RUNS)
  }

  save(): TwinState {
    const short = (value: number): number => Number(value.toPrecision(4))
    const runs = this.#runs.map((run) => ({
      ...run,
      groups: Object.fromEntries(
        Object.entries(run.groups).map(([key, { n, d, gap = 0 }]) => [key, { n, d: d.map(short), gap: short(gap) }]),
      ),
    }))
    const [real, seq, sxy, sxx] = [this.#real, this.#seq, short(this.#sxy), short(this.#sxx)]
    const pit = this.#calibration.ranks.map((ranks) => ranks.map(short))
    return { v: 1, runs, real, seq, nodes: this.#graph.nodes, sxy, sxx, pit, loss: this.#loss.map(short) }
  }

  /** Learns from a run that has ended. One that failed tells what follows what, and no durations. */
  finish({ ok, tasks, total: endedAt }: FinishedRun): void {
    const called = finishedGroups(tasks)
    const groups = endedAt === undefined ? called : [...called, endOfRun(called, endedAt)]
    const late = lateness(called, this.#pastRuns().tasks)
    if (late !== null) {
      this.#sxy = this.#sxy * SLOW_DECAY + late.xy
      this.#sxx = this.#sxx * SLOW_DECAY + late.xx
    }
    this.#seq++
    const gaps = this.#graph.learnRun(groups, this.#seq)
    this.#graph.forgetOrder()
    if (!ok) return
    const total = tasks.reduce((longest, { end }) => Math.max(longest, end), endedAt ?? SHORTEST_MS)
    this.#judgeDecays(total)
    this.#real++
    const kept = this.#real >= ENOUGH_RUNS ? this.#runs.filter(({ prior }) => !prior) : this.#runs
    const run = {
      groups: Object.fromEntries(groups.map(({ key, past }) => [key, { ...past, gap: gaps.get(key) ?? 0 }])),
      total,
    }
    this.#runs = [...kept, run].slice(-MAX_RUNS)
    this.#known = null
  }

  /** @param actual What was left when the forecast was made. Unit: ms. */
  calibrate(forecast: Forecast, actual: number): void {
    this.#calibration.learn(forecast, actual)
  }

  /** @param now Since the run started. Unit: ms. @returns null when nothing is known. */
  predict(now: number, tasks: readonly SeenTask[], options: ForecastOptions): Forecast | null {
    if (this.#runs.length === 0) return null
    const seen = seenGroups(tasks, now, options, this.#pastRuns().slack)
    const order = [...this.#graph.order(this.#seq)]
    for (const key of seen.keys()) if (!this.#graph.has(key)) order.push(unknownNode(key))
    const closed = closedKeys(order, seen, this.#graph, options)
    const { seed, lanes = Infinity } = options
    const nodes = this.#walkNodes(order, seen, closed)
    const overdue = options.listed === 'started' ? overdueTasks(order, nodes, now) : []
    const draws = this.#draw({ nodes, seed, lanes, overdue, now })
    // All seems done, and yet it goes on.
    if ((draws.at(-1) ?? 0) < NOTHING_LEFT * now)
      draws.forEach((_, index) => (draws[index] = (0.01 + (0.14 * index) / DRAWS) * now + SHORTEST_MS))
    return this.#calibration.forecast(draws, now)
  }

  #draw(walk: Walk): Float64Array {
    const { likely, paces, sum } = this.#weigh(walk)
    const draws = new Float64Array(DRAWS)
    const simulation = new RestSimulation(walk)
    let [chosen, passed] = [0, 0]
    for (let number = 0; number < DRAWS; number++) {
      const target = ((number + 0.5) / DRAWS) * sum
      while (chosen < likely.length - 1 && passed + (likely[chosen] ?? 0) < target) passed += likely[chosen++] ?? 0
      const pace = (paces[chosen] ?? 1) * this.#widening(walk.seed, number)
      draws[number] = simulation.rest({ number, run: chosen, pace })
    }
    return draws.toSorted()
  }

  #walkNodes(
    order: readonly GraphNode[],
    seen: ReadonlyMap<string, SeenGroup>,
    closed: ReadonlySet<string>,
  ): readonly WalkNode[] {
    const places = new Map(order.map(({ key }, place) => [key, place]))
    const tasks = this.#pastRuns().tasks
    return order.map(({ key, parents, lanes, piped }) => ({
      parents: parents.flatMap((parent) => places.get(parent) ?? []),
      lanes,
      isPiped: piped > 0.5,
      seen: seen.get(key),
      past: tasks.get(key),
      isClosed: closed.has(key),
      hash: hash(key),
    }))
  }

  #weigh({ nodes, overdue }: Walk): { likely: readonly number[]; paces: readonly number[]; sum: number } {
    const tasks = nodes.flatMap(({ seen, past, isClosed }) => (seen ? [{ seen, past, isClosed }] : []))
    const finished = tasks.filter(({ seen }) => seen.done > 0).length
    const gain = clamp(this.#sxy / (this.#sxx + 0.05), 0, 1)
    // Once tasks have ended, likeness tells better than age in which times we live.
    const decay = finished > 0 ? SLOW_DECAY : (DECAYS[this.#loss.indexOf(Math.min(...this.#loss))] ?? SLOW_DECAY)
    const comparison = { tasks, overdue, gain, finished }
    const [likely, paces]: [number[], number[]] = [[], []]
    let sum = 0
    for (const [index, run] of this.#runs.entries()) {
      const { likeness, pace } = compare(index, comparison)
      const age = run.prior ? (PRIOR_WEIGHTS[this.#real] ?? 0) : decay ** (this.#runs.length - 1 - index)
      likely.push(age * likeness + FEWEST_WEIGHT)
      paces.push(pace)
      sum += age * likeness + FEWEST_WEIGHT
    }
    return { likely, paces, sum }
  }

  #widening(seed: number, draw: number): number {
    if (this.#real === 0 || this.#real >= FEW_RUNS) return 1
    return Math.exp((FEW_RUNS_SPREAD / (1 + this.#real)) * normalOf(seed, draw))
  }

  #pastRuns(): Known {
    if (this.#known) return this.#known
    const slack = SLACK * (recentMedian(this.#runs, 1) ?? 0)
    return (this.#known = { slack, tasks: pastTasks(this.#runs, slack) })
  }

  #judgeDecays(total: number): void {
    if (this.#real < ENOUGH_RUNS) return
    for (const [index, decay] of DECAYS.entries()) {
      const median = recentMedian(this.#runs, decay)
      const loss = this.#loss[index] ?? 0
      if (median === null) continue
      this.#loss[index] = loss + LOSS_STEP * (Math.min(MAX_LOSS, Math.abs(Math.log(median / total))) - loss)
    }
  }
}

function unknownNode(key: string): GraphNode {
  return { key, parents: [], lanes: Infinity, piped: 0, seen: 0 }
}
