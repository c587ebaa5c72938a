import type { FlowDefinition } from '../../definition/flow.ts'
/*
 * What is due of a schedule, in one commit: its runs, and the time up to which it has been dealt with. So a crash neither loses a time nor
 * doubles it, and of several engines the storage lets one through.
 */
import type { DueTimes } from '../../definition/schedules/due-times.ts'
import type { PutSchedule, Receipt } from '../../storage/changes.ts'
import type { ScheduleRecord } from '../../storage/records.ts'
import type { CancelRun } from '../../storage/run-changes.ts'
import { OPEN_RUN_STATUSES } from '../../storage/run-rules.ts'
import type { MissedTimes } from '../alerts/alert-maker.ts'
import { announceCancel } from '../cancel-run.ts'
import { cancellations, openDescendants } from '../descendants.ts'
import type { EngineParts } from '../engine-parts.ts'
import { announceRun } from '../trigger-run.ts'
import { decideOverlap, openRunsNeeded, type OverlapDecision } from './overlap.ts'
import type { KnownSchedule } from './schedule-record.ts'
import { toScheduleView } from './schedule-views.ts'
import { newScheduledRun, type ScheduledRun } from './scheduled-run.ts'
import type { ScheduleMissed } from './views.ts'

interface Plan {
  readonly decision: OverlapDecision
  readonly runs: readonly ScheduledRun[]
  /** Times whose input is not valid, and will not be. */
  readonly faulty: readonly number[]
}

/** Does what is due; gives the new record, or null when what is stored is not what was known. */
export async function fireSchedule(
  parts: EngineParts,
  known: KnownSchedule,
  definition: FlowDefinition,
  due: DueTimes,
): Promise<ScheduleRecord | null> {
  const plan = await makePlan(parts, known, definition, due)
  const at = parts.clock.now()
  const cancels = await cancelsOf(parts, plan.decision.cancel, at)
  const missed = missedTimes(known, due, plan)
  const alerts = parts.alerts.ofMissed(definition, missed.flatMap(toAlert))
  const change: PutSchedule = {
    type: 'schedule.put',
    schedule: { ...known.record, ...due.state, revision: known.record.revision + 1 },
    expectedRevision: known.record.revision,
    changes: [
      ...cancels,
      ...plan.runs.flatMap((run) => run.changes),
      ...(alerts.length > 0 ? [{ type: 'alert.put', alerts } as const] : []),
    ],
  }
  const [receipt] = await parts.commit.append([change], 'impatient')
  if (!receipt?.accepted) return null
  const receipts = receipt.receipts ?? []
  for (const one of receipts.slice(0, cancels.length)) if (one.accepted && one.run) announceCancel(parts, one.run, at)
  announceRuns(parts, known, definition, createdRuns(plan.runs, receipts.slice(cancels.length)))
  announceMissed(parts, missed)
  const { schedule } = change
  parts.bus.publish('schedule.updated', () => toScheduleView({ ...known, record: schedule }, definition.name, at))
  return schedule
}

/** The requests that end runs, and the runs that those have started. */
async function cancelsOf(parts: EngineParts, runIds: readonly string[], at: number): Promise<readonly CancelRun[]> {
  const reason = 'The next run of its schedule takes its place'
  const own = runIds.map((runId): CancelRun => ({ type: 'run.cancel', runId, at, reason }))
  const others = await Promise.all(runIds.map((runId) => openDescendants(parts, runId)))
  return [...own, ...cancellations(others.flat(), { at, reason: `${reason}, which has started this one` })]
}

async function makePlan(
  parts: EngineParts,
  known: KnownSchedule,
  definition: FlowDefinition,
  due: DueTimes,
): Promise<Plan> {
  const decision = await decide(parts, known, due.run)
  const runs: ScheduledRun[] = []
  const faulty: number[] = []
  for (const at of decision.run) {
    try {
      runs.push(await newScheduledRun(parts, known, definition, at))
    } catch (error) {
      parts.report(error, `making a run of schedule "${known.record.id}"`)
      faulty.push(at)
    }
  }
  return { decision, runs, faulty }
}

async function decide(
  { storage }: EngineParts,
  { schedule, record }: KnownSchedule,
  times: readonly number[],
): Promise<OverlapDecision> {
  if (times.length === 0) return { run: [], leftOut: [], cancel: [] }
  const limit = openRunsNeeded(schedule.overlap)
  const query = { scheduleIds: [record.id], statuses: OPEN_RUN_STATUSES, limit }
  return decideOverlap(schedule.overlap, times, limit === 0 ? [] : await storage.runs.list(query))
}

// A run that is there already is one of a time that was dealt with before the clock was set back.
function createdRuns(runs: readonly ScheduledRun[], receipts: readonly Receipt[]): readonly ScheduledRun[] {
  let next = 0
  return runs.filter(({ changes }) => {
    const isCreated = receipts[next]?.accepted === true
    next += changes.length
    return isCreated
  })
}

function announceRuns(
  parts: EngineParts,
  { record }: KnownSchedule,
  definition: FlowDefinition,
  runs: readonly ScheduledRun[],
): void {
  const { id: scheduleId, flowId } = record
  for (const { at, run } of runs) {
    announceRun(parts, run)
    if (at === null) continue
    const lateMs = Math.max(0, run.createdAt - at)
    parts.bus.publish('schedule.fired', () => ({ scheduleId, flowId, at: toText(at), runId: run.id, lateMs }))
  }
  if (runs.length === 0) return
  if (definition.run === null) parts.workers.wake()
  else parts.dispatcher.wake()
}

function missedTimes({ record }: KnownSchedule, { missed, skipped }: DueTimes, plan: Plan): readonly ScheduleMissed[] {
  const { id: scheduleId, flowId } = record
  const lists = [
    ['skipped', skipped],
    ['overlap', plan.decision.leftOut],
    ['input', plan.faulty],
  ] as const
  return [
    ...(missed ? [{ reason: 'down', count: missed.count, isMore: missed.isMore, first: missed.first } as const] : []),
    ...lists.flatMap(([reason, [first, ...rest]]) =>
      first === undefined ? [] : [{ reason, count: rest.length + 1, isMore: false, first }],
    ),
  ].map((one) => ({ scheduleId, flowId, ...one, first: toText(one.first) }))
}

function announceMissed({ bus, observed, alerts }: EngineParts, missed: readonly ScheduleMissed[]): void {
  for (const facts of missed) {
    observed.scheduleMissed(facts)
    bus.publish('schedule.missed', () => facts)
  }
  if (missed.length > 0) alerts.delivery.wake()
}

/** What was left out on demand is told to nobody. */
function toAlert({ scheduleId, reason, count, isMore, first }: ScheduleMissed): readonly MissedTimes[] {
  return reason === 'skipped' ? [] : [{ scheduleId, reason, count, isMore, first }]
}

function toText(at: number): string {
  return new Date(at).toISOString()
}
