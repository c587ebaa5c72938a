/*
 * Decides which alerts there are. They are stored in the commit that they are about: the end of a run, or what was decided about scheduled
 * times. Only that a run takes too long is no commit of its own, and is looked for now and then.
 */
import type { RunJournal } from '../../journal/run-journal.ts'
import type { RunEnd } from '../../journal/run-writes.ts'
import type { Clock } from '../../primitives/clock.ts'
import { hashText } from '../../primitives/fingerprint.ts'
import type { AlertKind, NewAlert } from '../../storage/alert-records.ts'
import { failurePattern, isCause } from '../../storage/failure-pattern.ts'
import type { RunEstimate } from '../../storage/records.ts'
import { toAlertRun, type AlertError } from './alert-event.ts'
import type { CheckedRule } from './alert-rules.ts'

/** A flow as alerts name it. */
export interface AlertFlow {
  readonly id: string
  readonly name: string
}

/** Scheduled times without a run. */
export interface MissedTimes {
  readonly scheduleId: string
  readonly reason: 'down' | 'overlap' | 'input'
  readonly count: number
  readonly isMore: boolean
  readonly first: string
}

/** How often a delivery is attempted before it is given up. */
export const MAX_ATTEMPTS = 10
const MAX_MESSAGE_CHARS = 2000
// One run of ten is later than its interval says, and that is no reason to wake anybody.
const LATE_TIMES = 1.5
const MIN_LATE_MS = 1000
const MAX_REMEMBERED = 50_000

/** Makes the alerts of an engine. */
export class AlertMaker {
  readonly #rules: readonly CheckedRule[]
  readonly #clock: Clock
  // Told once each; a second alert with the same id would change nothing, but cost a commit.
  readonly #slow = new Set<string>()

  constructor(rules: readonly CheckedRule[], clock: Clock) {
    this.#rules = rules
    this.#clock = clock
  }

  /** Whether there is any rule at all. */
  get isOn(): boolean {
    return this.#rules.length > 0
  }

  /** What is told with the end of a run. undefined: nobody wants to hear of such ends. @param isRetried Whether it is tried again. */
  ofEnd(
    journal: RunJournal,
    end: RunEnd,
    { isRetried, expected }: { readonly isRetried: boolean; readonly expected: RunEstimate | undefined },
  ): readonly NewAlert[] | undefined {
    if (!this.isOn || isRetried) return undefined
    const { definition, runId } = journal
    const now = this.#clock.now()
    const facts = (): object => ({ run: toAlertRun({ ...journal.run, status: end.status, finishedAt: now }, now) })
    const make = (kind: AlertKind, more: () => object): readonly NewAlert[] =>
      this.#make(kind, definition, { runId, scheduleId: null, subject: runId }, () => ({ ...facts(), ...more() }))
    const alerts = [
      ...(end.status === 'failed' ? make('failed', () => ({ error: toError(journal, end) })) : []),
      ...(end.status === 'succeeded' ? make('recovered', () => ({})) : []),
      ...(end.status === 'succeeded' && isLate(journal, expected, now) ? make('slow', () => ({ expected })) : []),
    ]
    this.#slow.delete(runId)
    // With an empty list, the storage takes note of a failure: the next success is a recovery.
    return alerts.length > 0 || this.#wanting('recovered', definition).length > 0 ? alerts : undefined
  }

  /** What is told of scheduled times that got no run. */
  ofMissed(flow: AlertFlow, { scheduleId, ...missed }: MissedTimes): readonly NewAlert[] {
    const subject = `${scheduleId}\n${missed.reason}\n${missed.first}`
    return this.#make('missed', flow, { runId: null, scheduleId, subject }, () => ({
      schedule: { id: scheduleId },
      ...missed,
    }))
  }

  /** Runs that take longer than was to be expected, and of which nothing was told yet. */
  ofSlow(
    journals: Iterable<RunJournal>,
    expectedOf: (journal: RunJournal) => RunEstimate | undefined,
  ): readonly NewAlert[] {
    if (!this.#rules.some(({ on }) => on.has('slow'))) return []
    const now = this.#clock.now()
    const alerts: NewAlert[] = []
    for (const journal of journals) {
      const { runId, definition } = journal
      if (this.#slow.has(runId) || !journal.isOpen) continue
      const expected = expectedOf(journal)
      if (!isLate(journal, expected, now)) continue
      if (this.#slow.size >= MAX_REMEMBERED) this.#slow.clear()
      this.#slow.add(runId)
      const facts = (): object => ({ run: toAlertRun(journal.run, now), expected })
      alerts.push(...this.#make('slow', definition, { runId, scheduleId: null, subject: runId }, facts))
    }
    return alerts
  }

  #wanting(kind: AlertKind, { id, name }: AlertFlow): readonly CheckedRule[] {
    return this.#rules.filter(({ on, flows }) => on.has(kind) && (flows === null || flows.has(id) || flows.has(name)))
  }

  #make(
    kind: AlertKind,
    flow: AlertFlow,
    about: Pick<NewAlert, 'runId' | 'scheduleId'> & { readonly subject: string },
    facts: () => object,
  ): readonly NewAlert[] {
    const rules = this.#wanting(kind, flow)
    if (rules.length === 0) return []
    const { subject, runId, scheduleId } = about
    const createdAt = this.#clock.now()
    const text = JSON.stringify({ flow: { id: flow.id, name: flow.name }, ...facts() })
    return rules.map(({ name: rule, everyMs }) => ({
      // Made of what it is about: the same thing is told once, whoever finds it.
      id: `alr_${hashText(JSON.stringify([rule, kind, subject]))}`,
      rule,
      kind,
      flowId: flow.id,
      runId,
      scheduleId,
      facts: text,
      failingSince: null,
      failedRuns: null,
      createdAt,
      state: 'pending',
      attempts: 0,
      maxAttempts: MAX_ATTEMPTS,
      nextAt: createdAt,
      settledAt: null,
      problem: null,
      // That all is well again is told once, and it is told to those who heard of the opposite.
      ...(everyMs > 0 && kind !== 'recovered' && { everyMs }),
    }))
  }
}

function isLate({ run }: RunJournal, expected: RunEstimate | undefined, now: number): boolean {
  if (expected === undefined || run.startedAt === null) return false
  return now - run.startedAt > Math.max(LATE_TIMES * expected.lateMs, expected.expectedMs + MIN_LATE_MS)
}

function toError({ records }: RunJournal, { error }: RunEnd): AlertError {
  let task: { readonly name: string; readonly position: number } | null = null
  for (const { name, status, position, error: ofTask } of records.values())
    if (status === 'failed' && (position ?? 0) > (task?.position ?? -1) && isCause(error, ofTask))
      task = { name, position: position ?? 0 }
  const { fingerprint, code } = failurePattern(error, task?.name ?? null)
  const message = (error?.message ?? '').slice(0, MAX_MESSAGE_CHARS)
  return { name: error?.name ?? 'Error', code, message, task: task?.name ?? null, fingerprint }
}
