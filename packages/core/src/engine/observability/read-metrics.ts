import type { EngineHealth } from '../engine-health.ts'
import type { EngineParts } from '../engine-parts.ts'
import type { EngineMeters } from './engine-meters.ts'
import { MetricsText, samplesOf, type Sample } from './metrics-text.ts'

const MS_PER_S = 1000
const US_PER_S = 1e6

/** All metrics of an engine as text. What the storage would have to tell is left out while it does not answer. */
export function readMetrics(parts: EngineParts, health: EngineHealth): string {
  const text = new MetricsText()
  addEngine(text, health)
  addRuns(text, parts.observed.meters)
  addTasks(text, parts.observed.meters)
  addStorage(text, parts.observed.meters)
  addWorkers(text, parts)
  addProcess(text)
  return text.toString()
}

function addEngine(text: MetricsText, health: EngineHealth): void {
  const { engineId, storage, uptimeMs, running, reasons, eventLoopLag, leaseAgeMs } = health
  const problems = reasons.map(({ code }) => ({ labels: { code }, value: 1 }))
  const statuses = Object.entries(health.runs).map(([status, value]) => ({ labels: { status }, value }))
  text
    .gauge('perfect_engine_info', 'The engine.', [{ labels: { engine: engineId, storage }, value: 1 }])
    .gauge('perfect_engine_uptime_seconds', 'Time since the start.', seconds(uptimeMs))
    .gauge('perfect_engine_healthy', 'Whether nothing is wrong.', [{ value: health.status === 'ok' ? 1 : 0 }])
    .gauge('perfect_engine_problem', 'Something that is wrong now, by code.', problems)
    .gauge('perfect_engine_lease_age_seconds', 'Time since the lease of the engine was renewed.', seconds(leaseAgeMs))
    .gauge('perfect_runs_running', 'Runs that this engine drives now.', [{ value: running }])
    .gauge('perfect_runs', 'Stored runs by status, over all engines of the storage.', statuses)
  if (!eventLoopLag) return
  text
    .gauge('perfect_event_loop_lag_mean_seconds', 'Lag of the event loop, mean.', seconds(eventLoopLag.meanMs))
    .gauge('perfect_event_loop_lag_p99_seconds', 'Lag of the event loop, p99.', seconds(eventLoopLag.p99Ms))
    .gauge('perfect_event_loop_lag_max_seconds', 'Lag of the event loop, longest.', seconds(eventLoopLag.maxMs))
}

function addRuns(text: MetricsText, meters: EngineMeters): void {
  text
    .counter('perfect_runs_triggered_total', 'Runs created here.', samplesOf(meters.triggered, countOf))
    .counter('perfect_runs_ended_total', 'Runs ended here.', samplesOf(meters.ended, countOf))
    .histogram('perfect_run_duration_seconds', 'From the first start to the end.', meters.runDuration, same)
    .histogram('perfect_run_queue_wait_seconds', 'From the trigger to the first start.', meters.queueWait, same)
    .counter('perfect_signals_total', 'Signals sent here.', samplesOf(meters.signals, countOf))
    .counter('perfect_schedules_fired_total', 'Runs started by a schedule.', samplesOf(meters.schedulesFired, countOf))
    .counter(
      'perfect_schedules_missed_total',
      'Scheduled times that started no run.',
      samplesOf(meters.schedulesMissed, countOf),
    )
    .counter('perfect_alert_attempts_total', 'Attempts to deliver alerts.', samplesOf(meters.alertAttempts, countOf))
}

function addTasks(text: MetricsText, { tasks }: EngineMeters): void {
  text
    .counter(
      'perfect_task_attempts_total',
      'Attempts that ended.',
      samplesOf(tasks, ({ attempts }) => attempts),
    )
    .counter(
      'perfect_task_failures_total',
      'Attempts that failed.',
      samplesOf(tasks, ({ failures }) => failures),
    )
    .counter(
      'perfect_task_retries_total',
      'Failures followed by a retry.',
      samplesOf(tasks, ({ retries }) => retries),
    )
    .counter(
      'perfect_task_cached_total',
      'Calls answered by the cache.',
      samplesOf(tasks, ({ cached }) => cached),
    )
    .histogram('perfect_task_duration_seconds', 'From the first start to the end.', tasks, ({ duration }) => duration)
}

function addStorage(text: MetricsText, meters: EngineMeters): void {
  text
    .histogram('perfect_commit_duration_seconds', 'Time of a commit.', meters.commitDuration, same)
    .histogram('perfect_commit_changes', 'Changes that shared a commit.', meters.commitChanges, same)
    .counter('perfect_storage_failures_total', 'Calls that failed.', samplesOf(meters.storageFailures, countOf))
}

function addWorkers(text: MetricsText, { workers }: EngineParts): void {
  const byStatus = new Map<string, { count: number; slots: number; busy: number }>()
  for (const { status, slots, busy } of workers.status()) {
    const sum = byStatus.get(status) ?? { count: 0, slots: 0, busy: 0 }
    byStatus.set(status, { count: sum.count + 1, slots: sum.slots + slots, busy: sum.busy + busy })
  }
  const samples = (read: (sum: { count: number; slots: number; busy: number }) => number): Sample[] =>
    [...byStatus].map(([status, sum]) => ({ labels: { status }, value: read(sum) }))
  text
    .gauge(
      'perfect_workers',
      'Remote workers by status.',
      samples(({ count }) => count),
    )
    .gauge(
      'perfect_worker_slots',
      'Runs that the workers take at once.',
      samples(({ slots }) => slots),
    )
    .gauge(
      'perfect_worker_busy_slots',
      'Runs that the workers have.',
      samples(({ busy }) => busy),
    )
}

// Names of our own: the host may show those of its process under the usual ones.
function addProcess(text: MetricsText): void {
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()
  text
    .counter('perfect_process_cpu_seconds_total', 'Time of the processor that the process used.', [
      { value: (user + system) / US_PER_S },
    ])
    .gauge('perfect_process_resident_memory_bytes', 'Memory of the process.', [{ value: rss }])
    .gauge('perfect_process_heap_used_bytes', 'Used part of the JavaScript heap.', [{ value: heapUsed }])
}

function seconds(ms: number | null): readonly Sample[] {
  return ms === null ? [] : [{ value: ms / MS_PER_S }]
}

function countOf({ value }: { readonly value: number }): number {
  return value
}

function same<T>(value: T): T {
  return value
}
