/* One attempt to deliver an alert, to a webhook or a handler. */
import type { Clock } from '../../primitives/clock.ts'
import type { AlertRecord } from '../../storage/alert-records.ts'
import { toAlertEvent } from './alert-event.ts'
import type { CheckedRule } from './alert-rules.ts'
import type { WebhookParts } from './send-webhook.ts'
import { signedHeaders } from './sign-webhook.ts'

/** What deliveries work with. */
export interface DeliveryParts extends WebhookParts {
  readonly clock: Clock
  readonly allowPrivateHosts: readonly string[]
}

/** What became of an attempt. */
export interface AttemptResult {
  /** null: delivered. */
  readonly problem: string | null
  /** Whether there is no use in trying again. */
  readonly isFinal: boolean
  /** The receiver asks for this pause at least. Unit: ms. */
  readonly pauseMs: number
}

const DELIVERED: AttemptResult = { problem: null, isFinal: false, pauseMs: 0 }
const HANDLER_MS = 50_000
const MAX_PROBLEM_CHARS = 500
const MAX_PAUSE_MS = 86_400_000

/** Makes an attempt. Never rejects. */
export async function deliverAlert(
  parts: DeliveryParts,
  { target }: CheckedRule,
  alert: AlertRecord,
  signal: AbortSignal,
): Promise<AttemptResult> {
  try {
    return 'handler' in target
      ? await handle(parts, target.handler, alert, signal)
      : await send(parts, target, alert, signal)
  } catch (error) {
    return failed(textOf(error))
  }
}

async function send(
  parts: DeliveryParts,
  { url, keys }: { readonly url: URL; readonly keys: readonly Buffer[] },
  alert: AlertRecord,
  signal: AbortSignal,
): Promise<AttemptResult> {
  const { clock, allowPrivateHosts } = parts
  const body = JSON.stringify(toAlertEvent(alert))
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'perfect-webhooks/1',
    ...signedHeaders(keys, { id: alert.id, at: clock.now(), body }),
  }
  // Loaded by those who send one: `node:http` takes half the time of loading all the rest.
  const { sendWebhook } = await import('./send-webhook.ts')
  const { status, meaning, retryAfter } = await sendWebhook(parts, { url, headers, body, allowPrivateHosts, signal })
  if (status >= 200 && status < 300) return DELIVERED
  const redirect = status >= 300 && status < 400 ? ': redirects are not followed, give the new address' : ''
  const problem = `HTTP ${String(status)} ${meaning}`.trim() + redirect
  // Gone: the receiver wants no more.
  return { ...failed(problem), isFinal: status === 410, pauseMs: pauseOf(retryAfter, clock.now()) }
}

async function handle(
  { clock }: DeliveryParts,
  handler: Extract<CheckedRule['target'], { handler: unknown }>['handler'],
  alert: AlertRecord,
  signal: AbortSignal,
): Promise<AttemptResult> {
  const limit = new AbortController()
  const late = new Error(`the handler took longer than ${String(HANDLER_MS / 1000)} s`)
  const stopTimer = clock.setTimer(HANDLER_MS, () => limit.abort(late), { ref: true })
  const either = AbortSignal.any([limit.signal, signal])
  const { promise: stopped, reject } = Promise.withResolvers<never>()
  either.addEventListener('abort', () => reject(either.reason as Error))
  try {
    await Promise.race([Promise.resolve(handler(toAlertEvent(alert), { signal: either })), stopped])
    return DELIVERED
  } finally {
    stopTimer()
  }
}

function failed(problem: string): AttemptResult {
  return { problem: problem.slice(0, MAX_PROBLEM_CHARS), isFinal: false, pauseMs: 0 }
}

/** `Retry-After`: seconds, or a date. */
function pauseOf(retryAfter: string | null, now: number): number {
  if (retryAfter === null) return 0
  const ms = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - now
  return Number.isFinite(ms) ? Math.min(MAX_PAUSE_MS, Math.max(0, ms)) : 0
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return 'something that is no error was thrown'
  // Several addresses, each with an error of its own.
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return error.message === '' ? code || error.name : error.message
}
