/*
 * The changes that make up nearly every run, and an entry of the audit log, packed for the way between the threads: their cells in the order of the columns, as the
 * statements take them, instead of objects that name every field, and of usual rows only the cells that differ.
 */
import type { PutAudit } from '../audit-records.ts'
import type { Change, PutTask } from '../changes.ts'
import type { CreateRun, FinishRun } from '../run-changes.ts'
import { isFinalRun, labelsOf } from '../run-rules.ts'
import { packAudit } from './audit.ts'
import { runCells, taskCells, USUAL_RUN, USUAL_TASK } from './columns.ts'
import type { Cell } from './database.ts'

/** A new run. */
export type PackedCreate = readonly [kind: 'c', cells: readonly Cell[], input: string | null, labels: readonly string[]]
/** A task record under the fence of its run. */
export type PackedPut = readonly [kind: 't', engineId: string, epoch: number, cells: readonly Cell[]]
/** The end of a run without an error. */
export type PackedFinish = readonly [
  kind: 'f',
  runId: string,
  epoch: number,
  engineId: string,
  status: FinishRun['status'],
  finishedAt: number,
  progress: number,
  tasksDone: number,
  result: string | null,
  estimate: readonly [expectedMs: number, earlyMs: number, lateMs: number] | null,
]
/** An action of the audit log. */
export type PackedAudit = readonly [kind: 'a', cells: readonly Cell[]]
/** A change as it is sent. */
export type PackedChange = PackedCreate | PackedPut | PackedFinish | PackedAudit | Change

/** A change as it is sent; what is out of the ordinary stays as it is. */
export function packChange(change: Change): PackedChange {
  if (change.type === 'task.put') return packPut(change)
  if (change.type === 'run.create') return packCreate(change)
  if (change.type === 'run.finish') return packFinish(change)
  if (change.type === 'audit.put') return packPutAudit(change)
  return change
}

/** Whether a change was packed. */
export function isPacked(change: PackedChange): change is Exclude<PackedChange, Change> {
  return Array.isArray(change)
}

function packPut(change: PutTask): PackedChange {
  const { task, runId, epoch, engineId } = change
  const isUsual =
    change.workerEventSeq === undefined &&
    change.cache === undefined &&
    change.freeSlots !== true &&
    task.runId === runId
  return isUsual ? ['t', engineId, epoch, USUAL_TASK.pack(taskCells(task))] : change
}

function packCreate(change: CreateRun): PackedChange {
  const { run, input, collapse, copyTasks } = change
  if (collapse !== undefined || copyTasks !== undefined || isFinalRun(run.status)) return change
  return ['c', USUAL_RUN.pack(runCells(run)), input, labelsOf(run)]
}

function packFinish(change: FinishRun): PackedChange {
  const { runId, epoch, engineId, status, finishedAt, progress, tasksDone = 0, result, error, estimate } = change
  const isUsual =
    error === null &&
    change.next === undefined &&
    change.alerts === undefined &&
    change.workerEventSeq === undefined &&
    change.freeSlots !== true &&
    change.dropTaskValues !== true
  if (!isUsual) return change
  const expected = estimate ? ([estimate.expectedMs, estimate.earlyMs, estimate.lateMs] as const) : null
  return ['f', runId, epoch, engineId, status, finishedAt, progress, tasksDone, result, expected]
}

function packPutAudit(change: PutAudit): PackedChange {
  const [entry, ...more] = change.entries
  return entry === undefined || more.length > 0 ? change : ['a', packAudit(entry)]
}
