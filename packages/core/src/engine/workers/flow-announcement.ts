import { toFlowId } from '../../definition/names.ts'
import type { FlowRegistration } from '../../definition/remote-flow.ts'
import { MISSED_POLICIES, OVERLAP_POLICIES, type ScheduleOptions } from '../../definition/schedules/schedule-options.ts'
/* Flows that workers announce: each is registered by itself, and one that is refused does not end the connection. */
import { ERROR_CODES } from '../../errors/codes.ts'
import { PerfectError } from '../../errors/perfect-error.ts'
import { MessageFields } from './message-fields.ts'
import type { AnnouncedFlow, FlowVerdict } from './messages.ts'
import type { WorkerHost } from './worker-host.ts'

const MAX_TASKS = 1000
const MAX_TAGS = 100
const MAX_TEXT_CHARS = 10_000

/** What became of announced flows. */
export interface RegisteredFlows {
  readonly verdicts: readonly FlowVerdict[]
  /** Identifiers of the flows that the worker can run. */
  readonly flowIds: readonly string[]
}

/** Throws when a worker may not run a flow. */
export type PermitFlow = (flowId: string) => Promise<void>

/** Registers the flows that a worker announces. */
export async function registerFlows(
  host: Pick<WorkerHost, 'registerFlow'>,
  flows: readonly AnnouncedFlow[],
  permit: PermitFlow | null,
): Promise<RegisteredFlows> {
  const verdicts: FlowVerdict[] = []
  const flowIds: string[] = []
  // One after the other: two of the same name must meet each other.
  for (const flow of flows) {
    const { name, version } = flow
    const shown = { name: typeof name === 'string' ? name : '', version: typeof version === 'string' ? version : '' }
    try {
      const registration = toRegistration(new MessageFields(flow, 'flow'))
      await permit?.(toFlowId(registration.name))
      const result = await host.registerFlow(registration)
      flowIds.push(result.flow.id)
      verdicts.push({ ...shown, status: result.status === 'unchanged' ? 'unchanged' : 'accepted' })
    } catch (error) {
      // What can succeed later says nothing about the flow.
      if (!PerfectError.is(error) || error.retryable) throw error
      const problem = { code: error.code, title: ERROR_CODES[error.code].title, detail: error.message }
      verdicts.push({ ...shown, status: 'rejected', problem })
    }
  }
  return { verdicts, flowIds }
}

function toRegistration(fields: MessageFields): FlowRegistration {
  const version = fields.optionalText('version', MAX_TEXT_CHARS)
  const description = fields.optionalText('description', MAX_TEXT_CHARS)
  const schema = fields.has('paramsSchema') ? fields.inside('paramsSchema').object : {}
  return {
    name: fields.name('name'),
    ...(version !== null && { version }),
    ...(description !== null && { description }),
    ...(fields.has('tags') && { tags: toTags(fields) }),
    ...(fields.has('schedule') && { schedule: toSchedule(fields.inside('schedule')) }),
    ...(Object.keys(schema).length > 0 && { inputSchema: schema }),
    ...toPolicy(fields),
    tasks: (fields.has('tasks') ? fields.objects('tasks', MAX_TASKS) : []).map((task) => ({
      name: task.name('name'),
      ...(task.has('weight') && { weight: task.number('weight') }),
      ...(task.has('estimatedMs') && { estimatedTime: task.number('estimatedMs') }),
    })),
  }
}

/** How runs of the flow are started, limited and tried again. */
function toPolicy(fields: MessageFields): Partial<FlowRegistration> {
  return {
    ...(fields.has('timeoutMs') && { timeout: fields.number('timeoutMs') }),
    ...(fields.has('priority') && { priority: fields.number('priority') }),
    ...(fields.has('concurrency') && { concurrency: toConcurrency(fields) }),
    ...(fields.has('rateLimit') && { rateLimit: toRate(fields.inside('rateLimit')) }),
    ...(fields.has('retry') && { retry: toRetry(fields.inside('retry')) }),
  }
}

function toConcurrency(fields: MessageFields): NonNullable<FlowRegistration['concurrency']> {
  if (typeof fields.value('concurrency') === 'number') return fields.number('concurrency')
  const inner = fields.inside('concurrency')
  const perKey = inner.has('perKey') ? inner.inside('perKey') : null
  return {
    ...(inner.has('limit') && { limit: inner.number('limit') }),
    ...(perKey && { perKey: { limit: perKey.number('limit'), field: perKey.name('field') } }),
  }
}

function toRate(fields: MessageFields): NonNullable<FlowRegistration['rateLimit']> {
  return { limit: fields.number('limit'), per: fields.number('perMs') }
}

function toRetry(fields: MessageFields): NonNullable<FlowRegistration['retry']> {
  const first = fields.has('firstMs') ? { first: fields.number('firstMs') } : {}
  const factor = fields.has('factor') ? { factor: fields.number('factor') } : {}
  const max = fields.has('maxMs') ? { max: fields.number('maxMs') } : {}
  return { attempts: fields.number('attempts'), backoff: { ...first, ...factor, ...max } }
}

function toTags(fields: MessageFields): readonly string[] {
  return fields.list('tags', MAX_TAGS).map((tag) => {
    if (typeof tag === 'string') return tag
    throw fields.invalid('tags', 'Give a list of texts.')
  })
}

function toSchedule(fields: MessageFields): ScheduleOptions {
  const timezone = fields.optionalText('timezone', MAX_TEXT_CHARS)
  const rules = {
    ...(timezone !== null && { timezone }),
    ...(fields.has('missed') && { missed: fields.oneOf('missed', MISSED_POLICIES) }),
    ...(fields.has('overlap') && { overlap: fields.oneOf('overlap', OVERLAP_POLICIES) }),
    ...(fields.has('jitterMs') && { jitter: fields.number('jitterMs') }),
  }
  if (fields.has('everyMs')) return { every: fields.number('everyMs'), ...rules }
  return { cron: fields.text('cron', MAX_TEXT_CHARS), ...rules }
}
