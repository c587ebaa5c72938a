/* What a host declares about alerts, checked. */
import { PerfectError } from '../../errors/perfect-error.ts'
import { toMs, type Duration } from '../../primitives/duration.ts'
import { nodeNet } from '../../primitives/node-net.ts'
import { ALERT_KINDS, type AlertKind } from '../../storage/alert-records.ts'
import type { AlertEvent } from './alert-event.ts'
import { hostOf, isAllowed } from './public-address.ts'
import { keyOf } from './sign-webhook.ts'

/** Where a webhook is sent. */
export interface WebhookOptions {
  /** With `https:`; `http:` only for hosts in `allowPrivateHosts` of the engine. */
  readonly url: string
  /**
   * Signs each webhook, so that its receiver can tell who sent it: `whsec_` and base64 of 24 to 64 random bytes. Several while one replaces
   * another: each signs.
   */
  readonly secret: string | readonly string[]
}

/** What a handler is called with beside the alert. */
export interface AlertHandlerContext {
  /** Aborted when the handler takes longer than 50 s, or when the engine stops: the alert is then told again later. */
  readonly signal: AbortSignal
}

/** Who is told what. */
export interface AlertRule {
  /** Names it in the list of alerts, and ties alerts that wait to it: keep it when the code changes. Default: the host of the webhook, or `handler`. */
  readonly name?: string
  readonly on: readonly AlertKind[]
  /** Ids or names of flows. Default: all flows. */
  readonly flows?: readonly string[]
  /**
   * Tells of one kind of alert of one flow at most once in this time, so that an outage is one message and not thousands. What comes
   * meanwhile is told to nobody, also not later. Engines that share a storage count together. Range: up to 30 days. Default: 0, each is told.
   */
  readonly every?: Duration
  readonly webhook?: WebhookOptions
  /** Called in this process. What it throws counts as not delivered. It may be called more than once for an alert. */
  readonly handler?: (alert: AlertEvent, context: AlertHandlerContext) => unknown
}

/** A checked rule. */
export interface CheckedRule {
  readonly name: string
  readonly on: ReadonlySet<AlertKind>
  /** null: all flows. */
  readonly flows: ReadonlySet<string> | null
  readonly everyMs: number
  readonly target:
    | { readonly url: URL; readonly keys: readonly Buffer[] }
    | { readonly handler: NonNullable<AlertRule['handler']> }
}

/** How long alerts are kept, whatever became of them. Unit: ms. */
export const KEEP_ALERTS_MS: number = 30 * 86_400_000
const MAX_NAME_CHARS = 100
const MAX_SECRETS = 4

/** @throws {PerfectError} ALERT_INVALID */
export function toAlertRules(
  rules: readonly AlertRule[],
  allowPrivateHosts: readonly string[],
): readonly CheckedRule[] {
  if (!isList(rules)) throw invalid('alerts', rules, 'Give a list of rules')
  const checked = rules.map((rule, index) => toRule(rule, `alerts[${String(index)}]`, allowPrivateHosts))
  for (const [index, { name }] of checked.entries())
    if (checked.findIndex((other) => other.name === name) < index)
      throw invalid(`alerts[${String(index)}].name`, name, 'Another rule has it: give each a "name" of its own')
  return checked
}

/** @throws {PerfectError} ALERT_INVALID */
export function checkHosts(hosts: readonly string[]): readonly string[] {
  const isHost = (host: unknown): boolean =>
    typeof host === 'string' &&
    URL.parse(`http://${nodeNet().isIP(host) === 6 ? `[${host}]` : host}/`)?.hostname.replace(/^\[|\]$/g, '') === host
  if (!isList(hosts)) throw invalid('allowPrivateHosts', hosts, 'Give a list of hosts')
  for (const host of hosts as readonly unknown[])
    if (!isHost(host))
      throw invalid(
        'allowPrivateHosts',
        host,
        'Give hosts as they stand in URLs, in small letters and without a port: "127.0.0.1", "hooks.intranet"',
      )
  return hosts
}

// What a host gives need not be what its types say.
function isList(value: unknown): boolean {
  return Array.isArray(value)
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

function toRule(rule: AlertRule, place: string, allowPrivateHosts: readonly string[]): CheckedRule {
  if (!isObject(rule)) throw invalid(place, rule, 'Give an object with "on" and "webhook" or "handler"')
  const { on, flows, webhook, handler } = rule
  if (!Array.isArray(on) || on.length === 0) throw invalid(`${place}.on`, on, `Give a list of ${kinds()}`)
  for (const kind of on as readonly unknown[])
    if (!(ALERT_KINDS as readonly unknown[]).includes(kind)) throw invalid(`${place}.on`, kind, `Give ${kinds()}`)
  if (flows !== undefined && (!Array.isArray(flows) || flows.some((flow) => typeof flow !== 'string' || flow === '')))
    throw invalid(`${place}.flows`, flows, 'Give a list of ids or names of flows, or leave it out for all flows')
  if ((webhook === undefined) === (handler === undefined))
    throw invalid(place, webhook === undefined ? 'neither' : 'both', 'Give either "webhook" or "handler"')
  if (handler !== undefined && typeof handler !== 'function')
    throw invalid(`${place}.handler`, handler, 'Give a function')
  const target = webhook ? toWebhook(webhook, `${place}.webhook`, allowPrivateHosts) : null
  return {
    name: checkName(rule.name ?? (target ? target.url.host : 'handler'), `${place}.name`),
    on: new Set(on),
    flows: flows === undefined ? null : new Set(flows),
    everyMs: toEveryMs(rule.every ?? 0, `${place}.every`),
    // One of the two is given.
    target: target ?? { handler: handler as NonNullable<typeof handler> },
  }
}

function toEveryMs(every: Duration, field: string): number {
  let everyMs = Infinity
  try {
    everyMs = toMs(every, field)
  } catch {
    // Told below.
  }
  // What was told before is known from the alerts themselves.
  if (everyMs <= KEEP_ALERTS_MS) return everyMs
  throw invalid(field, every, 'Give a number of ms, or text such as "5m", up to "30d"')
}

function checkName(name: string, field: string): string {
  if (typeof name === 'string' && name.length > 0 && name.length <= MAX_NAME_CHARS) return name
  throw invalid(field, name, `Give a text of 1 to ${String(MAX_NAME_CHARS)} characters`)
}

function toWebhook(
  { url: text, secret }: WebhookOptions,
  place: string,
  allowPrivateHosts: readonly string[],
): { readonly url: URL; readonly keys: readonly Buffer[] } {
  const url = typeof text === 'string' ? URL.parse(text) : null
  // A URL may hold a secret itself, so that only its host is named.
  if (url === null) throw invalid(`${place}.url`, 'no URL', 'Give one such as "https://hooks.example.com/perfect"')
  const host = hostOf(url)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && allowPrivateHosts.includes(host)))
    throw invalid(
      `${place}.url`,
      `${url.protocol}//${host}`,
      'Give one with "https:", or name its host in "allowPrivateHosts" of the engine',
    )
  if (url.username !== '' || url.password !== '')
    throw invalid(`${place}.url`, `one with a password for ${host}`, 'Leave it out: webhooks are signed with "secret"')
  if (nodeNet().isIP(host) !== 0 && !isAllowed(url, host, allowPrivateHosts))
    throw invalid(
      `${place}.url`,
      host,
      'That is no address of the public internet. Name the host in "allowPrivateHosts" of the engine if it is yours',
    )
  return { url, keys: toKeys(secret, `${place}.secret`) }
}

function toKeys(secret: WebhookOptions['secret'], field: string): readonly Buffer[] {
  const secrets: readonly unknown[] = Array.isArray(secret) ? (secret as readonly unknown[]) : [secret]
  const keys = secrets.map((one) => (typeof one === 'string' ? keyOf(one) : null))
  const good = keys.filter((key) => key !== null)
  if (good.length === keys.length && keys.length >= 1 && keys.length <= MAX_SECRETS) return good
  // Never with its value.
  const shown = secrets.includes(undefined)
    ? 'missing'
    : keys.length > MAX_SECRETS
      ? `${String(keys.length)} secrets`
      : 'no secret'
  throw invalid(
    field,
    shown,
    `Give "whsec_" and base64 of 24 to 64 random bytes, or a list of up to ${String(MAX_SECRETS)} of those`,
  )
}

function kinds(): string {
  return ALERT_KINDS.map((kind) => `"${kind}"`).join(', ')
}

function invalid(field: string, value: unknown, fix: string): PerfectError {
  const shown =
    typeof value === 'string' ? value.slice(0, 200) : Array.isArray(value) ? 'a list' : String(value).slice(0, 100)
  return new PerfectError('ALERT_INVALID', `"${field}" is ${shown}. ${fix}.`, { details: { field, value: shown } })
}
