/* Which runs somebody asks for: what users write, checked and turned into what the storage takes. */
import { PerfectError } from '../errors/perfect-error.ts'
import {
  RUN_STATUSES,
  TRIGGER_KINDS,
  type AttributeValue,
  type RunStatus,
  type RunTrigger,
} from '../storage/records.ts'
import { labelsOf } from '../storage/run-rules.ts'
import type { RunFilter, RunValues } from '../storage/storage.ts'

/** Values of runs. A run fits when its value is one of each list that is given. */
export interface RunsValues {
  /** Ids of flows. */
  readonly flowIds?: readonly string[]
  readonly statuses?: readonly RunStatus[]
  readonly configurations?: readonly string[]
  /** What started them. */
  readonly triggers?: readonly RunTrigger['kind'][]
  /** Ids of schedules. */
  readonly scheduleIds?: readonly string[]
  /** Versions of flows. */
  readonly versions?: readonly string[]
  /** All of these. */
  readonly tags?: readonly string[]
  /** All of these. */
  readonly attributes?: Readonly<Record<string, AttributeValue>>
}

/** Which runs. Everything that is given has to fit. */
export interface RunsFilter extends RunsValues {
  /** Id of a flow. */
  readonly flowId?: string
  /** Runs that fit any of these lists, or have any of these tags or attributes, are left out. */
  readonly not?: RunsValues
  /** The run whose flow called them. */
  readonly parentRunId?: string
  /** Created at this time or later. */
  readonly createdFrom?: Date | string | number
  /** Created before this time. */
  readonly createdBefore?: Date | string | number
  /** Took this long or longer, from the first start to the end. Unit: ms. Range: >= 0. */
  readonly durationFromMs?: number
  /** Took less. Unit: ms. Range: >= 0. */
  readonly durationBelowMs?: number
  /** The id, the flow or the message of the error contains this text, upper and lower case being the same. */
  readonly text?: string
}

const MAX_VALUES = 100
const MAX_TEXT = 500

/** @throws {PerfectError} REQUEST_INVALID */
export function toRunFilter({
  flowId,
  flowIds,
  not,
  parentRunId,
  createdFrom,
  createdBefore,
  durationFromMs,
  durationBelowMs,
  text,
  ...values
}: RunsFilter): RunFilter {
  const flows = flowId === undefined ? flowIds : [...(flowIds ?? []), flowId]
  const included = { ...values, ...(flows && { flowIds: flows }) }
  const labels = toLabels(included)
  return {
    ...toValues(included, ''),
    ...(labels.length > 0 && { labels }),
    ...(not && { not: { ...toValues(not, 'not.'), labels: toLabels(not) } }),
    ...(parentRunId !== undefined && { parentRunId }),
    ...(createdFrom !== undefined && { createdFrom: toInstant('createdFrom', createdFrom) }),
    ...(createdBefore !== undefined && { createdBefore: toInstant('createdBefore', createdBefore) }),
    ...(durationFromMs !== undefined && { durationFromMs: checkMs('durationFromMs', durationFromMs) }),
    ...(durationBelowMs !== undefined && { durationBelowMs: checkMs('durationBelowMs', durationBelowMs) }),
    ...(text !== undefined && text !== '' && { text: checkText(text) }),
  }
}

function toLabels({ tags = [], attributes = {} }: RunsValues): readonly string[] {
  return labelsOf({ tags, attributes })
}

function toValues({ tags: _tags, attributes: _attributes, ...values }: RunsValues, path: string): RunValues {
  for (const [field, list] of Object.entries(values) as [string, readonly string[] | undefined][])
    if (list !== undefined) checkList(path + field, list)
  checkWords(`${path}statuses`, values.statuses ?? [], RUN_STATUSES)
  checkWords(`${path}triggers`, values.triggers ?? [], TRIGGER_KINDS)
  return values
}

function checkList(field: string, list: unknown): void {
  const isList = Array.isArray(list) && list.length <= MAX_VALUES && list.every((value) => typeof value === 'string')
  if (!isList) throw invalid(field, list, `a list of at most ${String(MAX_VALUES)} words`)
}

function checkWords(field: string, words: readonly string[], known: readonly string[]): void {
  for (const word of words) if (!known.includes(word)) throw invalid(field, word, `one of ${known.join(', ')}`)
}

function checkMs(field: string, ms: number): number {
  if (Number.isFinite(ms) && ms >= 0) return ms
  throw invalid(field, ms, 'a number of ms from 0 on')
}

function checkText(text: unknown): string {
  if (typeof text === 'string' && text.length <= MAX_TEXT) return text
  throw invalid('text', text, `text of at most ${String(MAX_TEXT)} characters`)
}

export function toInstant(field: string, time: Date | string | number): number {
  const instant = new Date(time).getTime()
  if (!Number.isNaN(instant)) return instant
  throw invalid(field, String(time), 'a date, or its RFC 3339 text')
}

function invalid(field: string, value: unknown, expected: string): PerfectError {
  return new PerfectError('REQUEST_INVALID', `"${field}" is ${JSON.stringify(value)}. Give ${expected}.`, {
    details: { field, value: JSON.stringify(value) },
  })
}
