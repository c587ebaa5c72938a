import { onTestFinished } from 'vitest'
import { page } from 'vitest/browser'

import '../src/index.ts'
import type { PerfectDashboard } from '../src/index.ts'
import { FixtureClient } from './fixture/fixture-client.ts'
import { FixtureEngine, type FixtureData } from './fixture/fixture-engine.ts'

/** A dashboard in the page, with the engine behind it. */
export interface Mounted {
  readonly dashboard: PerfectDashboard
  readonly engine: FixtureEngine
  readonly client: FixtureClient
}

/** How to mount a dashboard. */
export interface MountOptions {
  readonly data?: FixtureData
  readonly path?: string
  readonly theme?: 'light' | 'dark'
  /** Unit: px. Default: 1440. */
  readonly width?: number
  /** Unit: px. Default: 900. */
  readonly height?: number
}

/** Puts a dashboard into the page and waits until it is live; the end of the test takes it away. */
export async function mount({
  data,
  path = '/',
  theme = 'light',
  width = 1440,
  height = 900,
}: MountOptions = {}): Promise<Mounted> {
  await page.viewport(width, height)
  localStorage.clear()
  location.hash = path
  document.body.style.setProperty('margin', '0')
  const engine = new FixtureEngine(data)
  const client = new FixtureClient(engine)
  const dashboard = document.createElement('perfect-dashboard')
  dashboard.client = client
  dashboard.theme = theme
  dashboard.style.setProperty('height', `${String(height)}px`)
  document.body.append(dashboard)
  onTestFinished(() => {
    dashboard.remove()
    location.hash = ''
  })
  await until(() => find(dashboard, '.live-on') !== null && engine.commands.length === 0)
  await settle()
  return { dashboard, engine, client }
}

/** The first match of a selector in an element and in every shadow root inside it. */
export function find<E extends Element = HTMLElement>(root: Element | ShadowRoot, selector: string): E | null {
  return findAll<E>(root, selector)[0] ?? null
}

/** Every match of a selector in an element and in every shadow root inside it, in the order of the page. */
export function findAll<E extends Element = HTMLElement>(root: Element | ShadowRoot, selector: string): readonly E[] {
  // Not `instanceof`: the element may be in a frame.
  const inside = 'shadowRoot' in root && root.shadowRoot !== null ? findAll<E>(root.shadowRoot, selector) : []
  const found: E[] = [...inside]
  for (const child of root.children) {
    if (child.matches(selector)) found.push(child as E)
    found.push(...findAll<E>(child, selector))
  }
  return found
}

/** Text that is shown, shadow roots included, with single spaces. */
export function textOf(root: Element | ShadowRoot): string {
  const parts: string[] = []
  const visit = (node: Node): void => {
    if (node instanceof Text) parts.push(node.data)
    if (node instanceof HTMLStyleElement) return
    const inner = node instanceof Element && node.shadowRoot !== null ? node.shadowRoot : node
    inner.childNodes.forEach(visit)
  }
  visit(root)
  return parts.join(' ').replaceAll(/\s+/g, ' ').trim()
}

/** Waits for a condition that events and frames bring about. */
export async function until(condition: () => boolean, timeoutMs = 5000): Promise<void> {
  const end = performance.now() + timeoutMs
  while (!condition()) {
    if (performance.now() > end) throw new Error(`Not within ${String(timeoutMs)} ms: ${condition.toString()}`)
    await frame()
  }
}

/** Waits until every element has rendered what is known. */
export async function settle(): Promise<void> {
  await frame()
  await frame()
}

async function frame(): Promise<void> {
  await new Promise((resolve) => {
    requestAnimationFrame(resolve)
  })
}
