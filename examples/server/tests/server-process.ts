import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** The example server as a process of its own, on a port and a database of its own, that can be killed and started again. */
export class ServerProcess {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'perfect-server-'))
  readonly port: number
  output = ''
  #child: ChildProcess | undefined

  readonly #env: Readonly<Record<string, string>>

  constructor(port: number, env: Readonly<Record<string, string>> = {}) {
    this.port = port
    this.#env = env
  }

  static async create(env: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
    const server = new ServerProcess(await freePort(), env)
    await server.start()
    return server
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.port)}`
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  async start(): Promise<void> {
    const env = { ...process.env, ...this.#env, PORT: String(this.port), PERFECT_DB: join(this.folder, 'perfect.db') }
    const child = spawn(process.execPath, ['--conditions=@perfect/source', MAIN], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    const isReady = Promise.withResolvers<undefined>()
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output += text
        if (text.includes('Perfect is ready')) isReady.resolve(undefined)
      })
    child.once('exit', (code) => isReady.reject(new Error(`The server ended with ${String(code)}: ${this.output}`)))
    await isReady.promise
  }

  /** Sends a signal and waits for the end; gives the exit code. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null
    const exit = once(child, 'exit')
    child.kill(signal)
    await exit
    return child.exitCode
  }

  async dispose(): Promise<void> {
    await this.end('SIGTERM')
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** The JSON that a path of the API answers. */
  async get<T>(path: string): Promise<T> {
    const response = await fetch(`${this.url}/api${path}`)
    return (await response.json()) as T
  }

  async post<T>(path: string, body: unknown = {}): Promise<{ readonly status: number; readonly body: T }> {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${this.url}/api${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    return { status: response.status, body: (await response.json()) as T }
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

/** Whether a process of this id lives. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
