import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { root } from '../source-files.ts'

const READY_MS = 60_000
const LOOK_EVERY_MS = 50

/** `npm start` without npm, on a free port and a new database. */
export interface LaunchedServer {
  readonly launcher: ChildProcess
  readonly url: string
  /** What it has printed so far. */
  output(): string
  /** Waits until it has ended; gives its exit code. */
  ended(): Promise<number | null>
  /** Removes what it has stored. */
  remove(): void
}

/** Starts the launcher with a port. */
export function launch(port: number): LaunchedServer {
  const folder = mkdtempSync(join(tmpdir(), 'perfect-launch-'))
  const env = { ...process.env, PORT: String(port), PERFECT_DB: join(folder, 'perfect.db') }
  const launcher = spawn(process.execPath, ['scripts/launch.mjs', 'start'], { cwd: root, env })
  let text = ''
  for (const stream of [launcher.stdout, launcher.stderr])
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const exit = once(launcher, 'exit') as Promise<[number | null]>
  return {
    launcher,
    url: `http://127.0.0.1:${String(port)}`,
    output: () => text,
    ended: async () => (await exit)[0],
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** A port that nobody has at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Whether a page answers. */
export async function answers(url: string): Promise<boolean> {
  const response = await fetch(url).catch(() => undefined)
  return response?.ok ?? false
}

/** Waits for a condition. */
export async function until(condition: () => Promise<boolean>, what: () => string): Promise<void> {
  const deadline = performance.now() + READY_MS
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Not in ${String(READY_MS)} ms: ${what()}`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
}
