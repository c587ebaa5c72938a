import { type Figures, summarize } from './figures.ts'
import { linearSteps, linearWeights, meanOfLast, runTwin, runTwinOfEngine } from './forecasts.ts'
import { replayPercent, type PercentFigures } from './percent.ts'
import { replay } from './replay.ts'
import { readTrace, readTraceFile, type TracedRun, TRACES } from './traces.ts'
import { updateCost } from './update-cost.ts'

const FORECASTERS = [
  () => meanOfLast('last run', 1),
  () => meanOfLast('mean of last 3', 3),
  () => meanOfLast('mean of last 50', 50),
  linearSteps,
  () => linearWeights('learned weights, extrapolated', 1),
  () => linearWeights('the same, smoothed (0.3)', 0.3),
  runTwin,
  runTwinOfEngine,
]

function row(name: string, figures: Figures): string {
  const shown = [figures.error, figures.median, figures.p90, figures.coverage, figures.width, figures.dishonesty]
  const rest = [figures.timeAt99, figures.longestFreeze, figures.jumps]
  const text = (value: number | null): string => (value === null ? '-' : value.toFixed(1))
  return `| ${[name, ...shown.map(text), figures.backwards, ...rest.map(text)].join(' | ')} |`
}

function shares({ backwards, longestFreeze, dishonesty, timeAt99 }: PercentFigures): string {
  return `${String(backwards)} steps back, stands still for ${longestFreeze.toFixed(1)} % at the longest, is at 99 % for ${timeAt99.toFixed(1)} % and ${dishonesty.toFixed(1)} points from the time`
}

function printTrace(name: string, runs: readonly TracedRun[]): void {
  console.log(`\n${name}: error, median, p90, coverage, width in % of the run; bar: dishonesty in points, steps back`)
  console.log('| estimator | error | median | p90 | cov80 | width | bar off | back | at 99 % | freeze | jumps |')
  console.log('|---|---|---|---|---|---|---|---|---|---|---|')
  for (const make of FORECASTERS) console.log(row(make().name, summarize(replay(runs, make))))
  if (runs.some(({ tasks }) => tasks.some(({ told }) => told.length > 0)))
    console.log(row('RunTwin with what tasks tell', summarize(replay(runs, runTwin, { withReports: true }))))
  console.log(`progress.percent: ${shares(replayPercent(runs, false))}`)
}

// Before the replays: they bring calls of more kinds than one engine ever sees, and the compiler counts on none of them then.
console.log(`update: ${updateCost(8, 8).toFixed(0)} us at 8 tasks, ${updateCost(1000, 5).toFixed(0)} us at 1,000 calls`)
const ownTraces = process.argv.slice(2)
for (const file of ownTraces) printTrace(file, readTraceFile(file, 1))
if (ownTraces.length === 0) for (const name of TRACES) printTrace(name, readTrace(name))
