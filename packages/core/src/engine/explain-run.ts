/* Why a run is where it is, in one sentence made of recorded facts. */
import type { FlowDefinition } from '../definition/flow.ts'
import type { LinePlace } from '../journal/live-tasks.ts'
import { readAsk } from '../runner/wait-ask.ts'
import type { EngineRecord, RunRecord, TaskRecord } from '../storage/records.ts'
import { isAlive } from '../storage/run-rules.ts'
import type { EngineParts } from './engine-parts.ts'
import { inLineText, readQueue, usedUp, type QueueFacts } from './explain-queue.ts'
import { ago, count, inTime, time } from './explain-words.ts'
import { hasEnded } from './run-outcomes.ts'

/** Why a run is not further. */
export interface RunExplanation {
  readonly runId: string
  /** One sentence. */
  readonly text: string
  /** What would help; null when there is nothing to do but wait, or nothing at all. */
  readonly advice: string | null
  /** The run that it waits for, explained in the same way. */
  readonly child: RunExplanation | null
}

/** What is known of a run. */
export interface RunFacts {
  readonly run: RunRecord
  readonly records: readonly TaskRecord[]
  readonly definition: FlowDefinition | undefined
  /** The engine that holds it. */
  readonly holder: EngineRecord | undefined
  /** Local runs that this engine drives, and how many it may. */
  readonly driven: number
  readonly concurrency: number
  /** Connected workers that can run its flow. */
  readonly workers: number
  readonly queue: QueueFacts
  /** Its tasks that wait in line for a place of a limit, as far as this engine knows. */
  readonly inLine: readonly { readonly name: string; readonly at: LinePlace }[]
  readonly now: number
}

type Answer = Pick<RunExplanation, 'text' | 'advice'>

// A chain of flows that call each other is told this far.
const MAX_DEPTH = 5

/** @throws {PerfectError} RUN_NOT_FOUND */
export async function explainRun(parts: EngineParts, runId: string, depth = 1): Promise<RunExplanation> {
  const { queries, active, storage, registry, workers, dispatcher, clock } = parts
  const stored = await queries.record(runId)
  const journal = active.journal(runId)
  const run = journal?.run ?? stored
  const definition = registry.forRun(run)
  const [records, engines, queue] = await Promise.all([
    journal ? [...journal.records.values()] : storage.tasks.list(runId),
    storage.engines.list(),
    readQueue(storage, run, definition),
  ])
  const inLine = [...(journal?.liveTasks.values() ?? [])].flatMap(({ name, place }) => {
    const at = place?.() ?? null
    return at === null ? [] : [{ name, at }]
  })
  const facts: RunFacts = {
    run,
    records,
    definition,
    holder: engines.find(({ id }) => id === run.engineId),
    driven: active.driven,
    concurrency: dispatcher.concurrency,
    workers: workers.status().filter(({ status, flows }) => status === 'online' && flows.includes(run.flowId)).length,
    queue,
    inLine,
    now: clock.now(),
  }
  const childId = run.reason === 'child' ? (records.find(isOpenChild)?.childRunId ?? null) : null
  const child = childId !== null && depth < MAX_DEPTH ? await explainRun(parts, childId, depth + 1) : null
  return { runId, ...explain(facts), child }
}

/** The sentence for some facts. */
export function explain(facts: RunFacts): Answer {
  const { run } = facts
  if (hasEnded(run)) return ended(run)
  if (run.cancelRequestedAt !== null) return cancelling(facts)
  if (run.pausedAt !== null) return paused(facts)
  switch (run.status) {
    case 'scheduled':
      return { text: `It starts at ${time(run.wakeAt)}${inTime(run.wakeAt, facts.now)}.`, advice: null }
    case 'queued':
      return queued(facts)
    case 'running':
      return running(facts)
    case 'retrying':
      return retrying(facts)
    case 'waiting':
      return waiting(facts)
    case 'succeeded':
    case 'failed':
    case 'cancelled':
      return ended(run)
  }
}

function ended({ status, finishedAt, error, cancelReason }: RunRecord): Answer {
  const why = status === 'cancelled' ? cancelReason : status === 'failed' ? (error?.message ?? null) : null
  return {
    text: `It ${status === 'cancelled' ? 'was cancelled' : status} at ${time(finishedAt)}${why === null ? '' : `: ${why}`}.`,
    advice: null,
  }
}

function cancelling({ run, records, now }: RunFacts): Answer {
  const task = records.find(({ status }) => status === 'running')
  const what = task === undefined ? 'its running tasks have not ended' : `task "${task.name}" has not ended`
  return {
    text: `It was asked to end ${ago(run.cancelRequestedAt, now)}, and ${what}.`,
    advice: 'Let its tasks listen to current().signal, or cancel it with force.',
  }
}

function paused({ run, now }: RunFacts): Answer {
  if (run.engineId !== null) return { text: 'It pauses as soon as its running tasks have ended.', advice: null }
  return { text: `It was paused ${ago(run.pausedAt, now)}.`, advice: 'Resume it with engine.resumeRun().' }
}

function queued({ run, definition, driven, concurrency, workers, queue, now }: RunFacts): Answer {
  const since = ago(run.createdAt, now)
  if (definition === undefined)
    return {
      text: `It was queued ${since}, and no flow "${run.flowId}" is registered in this engine.`,
      advice: 'Register the flow, or start the service that has its code.',
    }
  if (definition.run === null)
    return workers === 0
      ? {
          text: `It was queued ${since}, and no connected worker can run "${definition.name}".`,
          advice: 'Start a worker.',
        }
      : { text: `It was queued ${since}, and its ${count(workers, 'worker')} had no free slot.`, advice: null }
  const place = `It was queued ${since} and is number ${String(queue.ahead + 1)} in line of its flow`
  const limit = usedUp(run, queue, now)
  if (limit) return { text: `${place}: ${limit.text}.`, advice: limit.advice }
  if (driven >= concurrency)
    return {
      text: `${place}: this engine drives ${String(driven)} runs of at most ${String(concurrency)}.`,
      advice: 'Wait, or raise the concurrency of the engine.',
    }
  return { text: `${place}.`, advice: null }
}

function running({ run, records, holder, workers, inLine, now }: RunFacts): Answer {
  if (!isAlive(holder, now))
    return {
      text: `The engine that ran it has been gone since ${time(holder?.leaseUntil ?? null)}.`,
      advice: 'It goes on as soon as an engine with its flow has a free slot.',
    }
  const task = records.find(({ status }) => status === 'running')
  const where =
    run.workerId === null ? '' : ` on worker ${run.workerId}${workers === 0 ? ', which is not connected' : ''}`
  const [first] = inLine.toSorted((left, right) => left.at.place - right.at.place)
  if (task === undefined && first)
    return {
      text: `${inLineText(first.name, first.at)}${inLine.length === 1 ? '' : `, as does ${count(inLine.length - 1, 'other task')} of it`}.`,
      advice: 'Wait, or raise the limit of the task.',
    }
  if (task === undefined)
    return { text: `It runs${where}; ${count(run.tasksDone, 'task')} ended so far.`, advice: null }
  return {
    text: `Task "${task.name}" has run since ${ago(task.startedAt, now)}${where} (attempt ${String(task.attempt)}).`,
    advice: null,
  }
}

function retrying({ run, records, now }: RunFacts): Answer {
  const task = records
    .filter(({ status }) => status === 'retrying')
    .toSorted((a, b) => (a.wakeAt ?? 0) - (b.wakeAt ?? 0))[0]
  const when = `${time(run.wakeAt)}${inTime(run.wakeAt, now)}`
  if (task === undefined) return { text: `It is tried again at ${when}.`, advice: null }
  return {
    text: `Task "${task.name}" failed in attempt ${String(task.attempt)} (${task.error?.message ?? 'unknown error'}); the next attempt is at ${when}.`,
    advice: null,
  }
}

function waiting({ run, records, now }: RunFacts): Answer {
  const open = records.filter(({ status }) => status === 'waiting' || status === 'sleeping')
  const until = (at: number | null): string => (at === null ? '' : `, at most until ${time(at)}${inTime(at, now)}`)
  const find = (kind: TaskRecord['kind']): TaskRecord | undefined => open.find((record) => record.kind === kind)
  switch (run.reason) {
    case 'signal': {
      const wait = find('signal')
      return {
        text: `It has waited for signal "${wait?.name ?? ''}" since ${ago(wait?.startedAt ?? null, now)}${until(wait?.wakeAt ?? null)}.`,
        advice: `Send it with engine.signalRun(${JSON.stringify(run.id)}, ${JSON.stringify(wait?.name ?? '')}, …).`,
      }
    }
    case 'approval': {
      const wait = find('approval')
      return {
        text: `It has waited for approval "${wait?.name ?? ''}" since ${ago(wait?.startedAt ?? null, now)}${until(wait?.wakeAt ?? null)}.`,
        advice: `Approve or reject it${wait ? toWhom(readAsk(wait).approvers) : ''}.`,
      }
    }
    case 'child': {
      const child = open.find(isOpenChild)
      return { text: `It waits for run ${child?.childRunId ?? ''} of flow "${child?.name ?? ''}".`, advice: null }
    }
    case 'version':
      return {
        text: 'It is held, because its flow has changed in a way that does not fit what it has done so far; its log says what.',
        advice: 'Register the version it began with beside the new one, or cancel it and start it again.',
      }
    case 'worker':
      return { text: 'It waits for a worker.', advice: 'Start a worker that has its flow.' }
    case 'sleep':
    case 'paused':
    case 'slot':
    case null:
      return { text: `It sleeps until ${time(run.wakeAt)}${inTime(run.wakeAt, now)}.`, advice: null }
  }
}

function toWhom(approvers: readonly string[] | null): string {
  return approvers === null ? '' : ` as ${approvers.join(' or ')}`
}

function isOpenChild({ kind, status }: TaskRecord): boolean {
  return kind === 'child' && status === 'waiting'
}
