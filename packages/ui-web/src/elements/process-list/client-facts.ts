import type { ClientView } from '@perfect/core'
import { html, type TemplateResult } from 'lit'

import { sparkline } from '../../parts/sparkline.ts'
import { plural } from '../../text/strings.ts'
import { formatAgo, formatInstant, formatMoment, formatTicking, instant } from '../../text/time.ts'
import { formatBytes, formatCpu } from '../../text/usage.ts'

type Fact = readonly [name: string, value: string | TemplateResult]

/** What is known of a client process, as terms and descriptions. */
export function clientFacts(client: ClientView, now: number): readonly TemplateResult[] {
  const { status } = client
  const isUp = status === 'running' || status === 'starting' || status === 'stopping'
  return [...life(client, isUp, now), ...(isUp ? condition(client) : [])].map(
    ([name, value]) =>
      html`<div>
        <dt>${name}</dt>
        <dd>${value}</dd>
      </div>`,
  )
}

function life({ pid, startedAt, starts, restarts, nextStartAt, exit }: ClientView, isUp: boolean, now: number): Fact[] {
  const start = instant(startedAt)
  const next = instant(nextStartAt)
  const list: (Fact | null)[] = [
    pid === null ? null : ['Process', String(pid)],
    next === null ? null : ['Starts again', next > now ? `in ${formatTicking(next - now)}` : 'now'],
    isUp && start !== null ? ['Up', formatTicking(now - start)] : null,
    start === null
      ? null
      : [
          isUp ? 'Started' : 'Last started',
          html`<time title=${formatInstant(start)}>${formatMoment(start, now)}</time>`,
        ],
    ['Starts', starts === 0 ? 'never started' : plural(starts, 'time')],
    restarts === 0 ? null : ['Restarted by itself', plural(restarts, 'time')],
    exit === null ? null : [isUp ? 'Previous exit' : 'Exit', exitText(exit, now)],
  ]
  return list.filter((fact) => fact !== null)
}

function condition({ health, usage }: ClientView): Fact[] {
  const last = usage.at(-1)
  const most = Math.max(...usage.map(({ memoryBytes }) => memoryBytes))
  const cores = Math.max(1, ...usage.map(({ cpu }) => cpu))
  const list: (Fact | null)[] = [
    health === 'unknown' ? null : ['Heartbeat', health === 'ok' ? 'regular' : html`<span class="bad">silent</span>`],
    last === undefined
      ? null
      : [
          'CPU',
          html`${formatCpu(last.cpu)}${sparkline(
            usage.map(({ cpu }) => cpu),
            cores,
          )}`,
        ],
    last === undefined
      ? null
      : [
          'Memory',
          html`${formatBytes(last.memoryBytes)}${sparkline(
            usage.map(({ memoryBytes }) => memoryBytes),
            most,
          )}`,
        ],
    last === undefined || last.processes < 2 ? null : ['Processes', String(last.processes)],
  ]
  return list.filter((fact) => fact !== null)
}

/** How the process ended. 128 + n is the shell's way to say "by signal n". */
function exitText({ code, signal, at }: NonNullable<ClientView['exit']>, now: number): TemplateResult {
  const how =
    signal !== null
      ? signal
      : code === 0
        ? 'ended normally'
        : code === null
          ? 'could not start'
          : `code ${String(code)}`
  return html`${how}, <time title=${formatInstant(instant(at))}>${formatAgo(now - instant(at))}</time>`
}
