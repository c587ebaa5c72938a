import type { RunView } from '@perfect/core'
import { describe, expect, test } from 'vitest'
import { page } from 'vitest/browser'

import type { FixtureData } from './fixture/fixture-engine.ts'
import { makeClient, makeFlow, makeLine, makeRun, makeSegments, makeTask, makeWorker } from './fixture/make.ts'
import { find, findAll, mount, settle, textOf, until } from './mount.ts'

declare global {
  var injected: number | undefined
}

const PAYLOADS = [
  '<img src=x onerror="globalThis.injected = 1">',
  '"><script>globalThis.injected = 1</script>',
  "javascript:globalThis.injected=1//'",
  '${globalThis.injected = 1}',
  '</style><svg onload=globalThis.injected=1>',
  '\u001B]8;;javascript:alert(1)\u001B\\link\u001B]8;;\u001B\\',
  '{{constructor.constructor("globalThis.injected=1")()}}',
  '\u202Eevil\u2066 \u0000\u0007 <b>bold</b>',
  '__proto__',
]

/** A run in which every text is hostile. */
function hostileRun(text: string): RunView {
  const error = { name: text, code: text, message: text }
  return makeRun({
    id: 'run_1',
    flowName: text,
    flowId: text,
    flowVersion: text,
    configuration: text,
    trigger: { kind: 'api', by: text },
    workerId: text,
    error,
    cancelReason: text,
    progress: {
      percent: 30,
      done: 1,
      total: 2,
      current: text,
      found: null,
      segments: makeSegments([
        [text, 1, 0.4],
        ['b', 1, 0],
      ]),
    },
  })
}

/** An engine in which every text is hostile. */
function hostile(text: string): FixtureData {
  const run = hostileRun(text)
  const { error } = run
  return {
    flows: [
      makeFlow({
        name: text,
        id: text,
        description: text,
        version: text,
        tags: [text],
        tasks: [{ name: text, weight: 1, estimatedMs: 5 }],
        schedule: { cron: text, timezone: text, nextAt: null },
        inputSchema: {
          type: 'object',
          properties: {
            [text]: { type: 'string', title: text, description: text, default: text },
            choice: { enum: [text] },
          },
        },
      }),
    ],
    runs: [run, { ...run, id: 'run_2', status: 'failed' }],
    tasks: {
      run_1: [makeTask({ key: `${text}#1`, name: text, note: text, error, status: 'running', finishedAt: null })],
    },
    logs: { run_1: [makeLine({ seq: 1, task: `${text}#1`, message: text })] },
    inputs: { run_1: { [text]: text } },
    results: { run_1: text },
    clients: [
      makeClient({
        id: text,
        name: text,
        status: 'running',
        pid: 1,
        exit: { code: null, signal: text, at: new Date().toISOString() },
        logs: [{ seq: 1, at: new Date().toISOString(), stream: 'stdout', text }],
      }),
    ],
    workers: [makeWorker({ id: text, name: text, sdk: text, flows: [text] })],
  }
}

describe('hostile text', () => {
  test.each(PAYLOADS)('S-08: stays text on every page: %j', async (payload) => {
    globalThis.injected = undefined
    const { dashboard } = await mount({ data: hostile(payload) })
    for (const path of ['/', '/flows', '/runs', '/runs/run_1', '/processes']) {
      location.hash = path
      await settle()
      await until(() => textOf(dashboard).length > 100)
      await settle()
      expect(findAll(dashboard, 'script, img, iframe, object, [onload], [onerror], [style*="url("]')).toEqual([])
      const links = findAll<HTMLAnchorElement>(dashboard, 'a').map((link) => link.getAttribute('href') ?? '')
      expect(links.every((href) => href.startsWith('#/'))).toBe(true)
    }
    location.hash = '/flows'
    await until(() => find(dashboard, '.flow .button') !== null)
    find(dashboard, '.flow .button')?.click()
    await until(() => find(dashboard, 'dialog[open]') !== null)
    await settle()
    expect(globalThis.injected).toBe(undefined)
    expect(Object.getPrototypeOf({})).toBe(Object.prototype)
  })
})

describe('content security', () => {
  test('S-08: runs under a strict policy with trusted types and without any violation', async () => {
    await page.viewport(1440, 900)
    const frame = document.createElement('iframe')
    frame.width = '1400'
    frame.height = '860'
    const policy =
      "style-src 'self'; script-src 'self'; img-src 'self'; require-trusted-types-for 'script'; trusted-types lit-html"
    const module = new URL('../src/index.ts', import.meta.url).href
    frame.srcdoc = `<!doctype html><meta http-equiv="content-security-policy" content="${policy}"><body><script type="module" src="${module}"></script></body>`
    document.body.append(frame)
    await new Promise((resolve) => {
      frame.addEventListener('load', resolve, { once: true })
    })
    const inside = frame.contentDocument
    if (inside === null) throw new Error('no document')
    const violations: string[] = []
    inside.addEventListener('securitypolicyviolation', (event) =>
      violations.push(`${event.violatedDirective} ${event.sample}`),
    )
    await until(() => frame.contentWindow?.customElements.get('perfect-dashboard') !== undefined, 15_000)
    const { client } = await mount({ data: hostile('<b>x</b> \u001B[38;5;200mcolour\u001B[0m') })
    const dashboard = inside.createElement('perfect-dashboard')
    dashboard.client = client
    dashboard.router = 'memory'
    inside.body.append(dashboard)
    for (const word of ['Overview', 'Flows', 'Runs', 'Processes']) {
      await until(() => find(dashboard, `nav a[title=${word}]`) !== null)
      find(dashboard, `nav a[title=${word}]`)?.click()
      await settle()
    }
    find(dashboard, 'nav a[title=Runs]')?.click()
    await until(() => find(dashboard, '.row-link') !== null)
    find(dashboard, '.row-link')?.click()
    await until(() => find(dashboard, '.hero') !== null)
    await settle()
    expect(violations).toEqual([])
    // The policy is in force: what is forbidden is reported.
    inside.body.setAttribute('style', 'color: red')
    await until(() => violations.length === 1)
    frame.remove()
  })
})
