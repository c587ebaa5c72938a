/*
 * The bar of `progress.percent` on recorded runs: work done by weights that are learned from the runs before. It does not foretell when a
 * run ends, so it is not held against time; it must not fall, and not stand still for long.
 */
import { aTask } from '@perfect/core/testing'

import { mapsAt } from '../../packages/core/src/engine/progress/announced-calls.ts'
import { FlowModel } from '../../packages/core/src/engine/progress/flow-model.ts'
import { toLearnedRun } from '../../packages/core/src/engine/progress/learned-run.ts'
import { inOrder } from '../../packages/core/src/engine/progress/twin-calls.ts'
import type { LearnedPlan } from '../../packages/core/src/journal/learned-plan.ts'
import {
  MAX_OPEN_PROGRESS,
  ProgressModel,
  timeFraction,
  type OpenMap,
} from '../../packages/core/src/journal/progress.ts'
import { asCalls } from './forecasts.ts'
import { INSTANTS, inTime, TAUGHT_FIRST } from './replay.ts'
import type { TracedRun, TracedTask } from './traces.ts'

/** What the bar did. In percent of a run's length, as means over its runs. */
export interface PercentFigures {
  readonly backwards: number
  readonly longestFreeze: number
  /** Mean distance from the share of the time that has passed, in points. */
  readonly dishonesty: number
  readonly timeAt99: number
}

const FROZEN = 0.0002
/** A map item: `pack#1[3]/pack#1`. */
const ITEM = /^(.+?)\[(.+)\]\/(.+)$/u

/** Follows the bar of each run that comes after the first ten of its flow. */
export function replayPercent(runs: readonly TracedRun[], withReports: boolean): PercentFigures {
  const figures: PercentFigures[] = []
  for (const flow of new Set(runs.map((run) => run.flow))) {
    const model = FlowModel.empty()
    for (const { run, ended, learned } of inTime(runs.filter((one) => one.flow === flow))) {
      for (const before of ended) if (before.ok) model.learn(toLearned(before))
      if (run.ok && learned >= TAUGHT_FIRST) figures.push(follow(run, model.plan, withReports))
    }
  }
  const mean = (select: (one: PercentFigures) => number): number =>
    figures.reduce((sum, one) => sum + select(one), 0) / figures.length
  return {
    backwards: mean(({ backwards }) => backwards),
    longestFreeze: 100 * mean(({ longestFreeze }) => longestFreeze),
    dishonesty: 100 * mean(({ dishonesty }) => dishonesty),
    timeAt99: 100 * mean(({ timeAt99 }) => timeAt99),
  }
}

function toLearned({ flow, startedAt, total, tasks }: TracedRun): ReturnType<typeof toLearnedRun> {
  const records = asCalls(tasks).map(({ id, key, start, end, ok }, index) =>
    aTask({
      runId: flow,
      key: id,
      name: key,
      position: index + 1,
      seq: index + 1,
      startedAt: startedAt + start,
      finishedAt: startedAt + end,
      status: ok ? 'succeeded' : 'failed',
    }),
  )
  return toLearnedRun(`${flow} ${String(startedAt)}`, records, { startedAt, finishedAt: startedAt + total })
}

function follow(run: TracedRun, plan: LearnedPlan, withReports: boolean): PercentFigures {
  const bar = new TracedBar(run, plan, withReports)
  let [before, frozen, longest, off, at99, backwards] = [0, 0, 0, 0, 0, 0]
  for (let index = 0; index < INSTANTS; index++) {
    const share = (index + 0.5) / INSTANTS
    const shown = bar.at(share * run.total)
    if (shown < before) backwards++
    frozen = shown - before < FROZEN && shown < MAX_OPEN_PROGRESS ? frozen + 1 : 0
    longest = Math.max(longest, frozen)
    off += Math.abs(shown - share)
    if (shown >= MAX_OPEN_PROGRESS) at99++
    before = shown
  }
  return { backwards, longestFreeze: longest / INSTANTS, dishonesty: off / INSTANTS, timeAt99: at99 / INSTANTS }
}

/** The model of the bar with the calls of a recorded run, as its engine tells it of them. */
class TracedBar {
  readonly #model: ProgressModel
  readonly #plan: LearnedPlan
  readonly #moves: readonly { readonly at: number; readonly isEnd: boolean; readonly call: TracedTask }[]
  readonly #maps: ReadonlyMap<string, number>
  readonly #open = new Map<string, OpenMap>()
  readonly #ended = new Map<string, number>()
  readonly #running = new Map<string, TracedTask>()
  readonly #withReports: boolean
  #next = 0
  #shown = 0

  constructor({ tasks }: TracedRun, plan: LearnedPlan, withReports: boolean) {
    const calls = asCalls(tasks)
    this.#plan = plan
    this.#model = new ProgressModel([], plan)
    this.#maps = mapsAt(inOrder(calls), Infinity)
    this.#withReports = withReports
    const moves = calls.flatMap((call) => [
      { at: call.start, isEnd: false, call },
      { at: Math.max(call.start, call.end), isEnd: true, call },
    ])
    this.#moves = moves.toSorted((one, other) => one.at - other.at || Number(one.isEnd) - Number(other.isEnd))
  }

  /** What is shown at an instant of the run; instants come in their order. */
  at(now: number): number {
    for (let move = this.#moves[this.#next]; move && move.at <= now; move = this.#moves[++this.#next]) {
      if (move.isEnd) this.#end(move.call)
      else this.#begin(move.call)
      this.#show(move.at)
    }
    return this.#show(now)
  }

  #show(now: number): number {
    const fraction = this.#model.fraction((key) => this.#live(key, now))
    return (this.#shown = Math.max(this.#shown, Math.min(MAX_OPEN_PROGRESS, fraction)))
  }

  #live(key: string, now: number): number {
    const call = this.#running.get(key)
    const told = this.#withReports ? call?.told.findLast(([at]) => at <= now)?.[1] : undefined
    if (call === undefined || told !== undefined) return told ?? 0
    const known = this.#plan.find(({ name }) => name === call.key)
    return known ? timeFraction(now - call.start, known.estimatedMs) : 0
  }

  #begin(call: TracedTask): void {
    const [, path, item] = ITEM.exec(call.id) ?? []
    const map = path === undefined ? null : this.#mapOf(path)
    this.#running.set(call.id, call)
    this.#model.begin({
      key: call.id,
      name: call.key,
      weight: 1,
      item: map && { map, path: `${map.path}[${String(item)}]` },
    })
  }

  #end({ id, ok }: TracedTask): void {
    const [, path = '', item] = ITEM.exec(id) ?? []
    const map = this.#open.get(path)
    this.#running.delete(id)
    this.#model.finish(id, !ok)
    if (!map) return
    this.#model.finishItem(map, `${map.path}[${String(item)}]`)
    const ended = (this.#ended.get(path) ?? 0) + 1
    this.#ended.set(path, ended)
    if (ended === map.count) this.#model.closeMap(map)
  }

  #mapOf(path: string): OpenMap {
    const known = this.#open.get(path)
    if (known) return known
    const map = { path, name: path.replace(/#\d+$/u, ''), count: this.#maps.get(path) ?? 1, weight: null }
    this.#open.set(path, map)
    this.#model.openMap(map)
    return map
  }
}
