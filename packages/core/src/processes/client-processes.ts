/*
 * The client processes that the host has declared: started, stopped and watched by their id.
 *
 * What is run is fixed in the declarations. Nothing here takes a command, an argument, a folder or a variable, so no
 * request can bring one in.
 */
import type { ActionsView } from '../errors/action-view.ts'
import { PerfectError } from '../errors/perfect-error.ts'
import { CAN, tryAction } from '../errors/try-action.ts'
import { planClient } from './client-declaration.ts'
import { ClientProcess, type ClientPorts } from './client-process.ts'
import type { ClientAction, ClientLogPage, ClientLogView, ClientView } from './client-view.ts'
import type { ClientDeclaration } from './process-adapter.ts'

/** What {@link ClientProcesses} works with. */
export interface ClientProcessesOptions extends ClientPorts {
  /** Declared clients by id. */
  readonly declarations: Readonly<Record<string, ClientDeclaration>>
}

/** Which lines of a client. */
export interface ClientLogsQuery {
  /** Only lines with a greater number. Default: from the first that is kept. */
  readonly after?: number
  readonly stream?: ClientLogView['stream']
  /** Only lines that contain this text, in upper or lower case. */
  readonly text?: string
  /** Range: 1..1,000. Default: 200. */
  readonly limit?: number
}

const DEFAULT_LINES = 200
const MAX_LINES = 1000

/** The declared client processes of an engine. */
export class ClientProcesses {
  readonly #clients: ReadonlyMap<string, ClientProcess>
  #isClosed = false

  /** @throws {PerfectError} CLIENT_DECLARATION_INVALID */
  constructor(options: ClientProcessesOptions) {
    const { declarations, ...ports } = options
    const plans = Object.entries(declarations).map(([id, declaration]) => planClient(id, declaration))
    this.#clients = new Map(plans.map((plan) => [plan.id, new ClientProcess(plan, ports)]))
  }

  /**
   * Starts one client, or all that do not run. A start that is under way is joined, a stop is waited for.
   * Of several, all are tried before the first failure is thrown.
   *
   * @throws {PerfectError} CLIENT_NOT_FOUND
   * @throws {PerfectError} CLIENT_ALREADY_RUNNING when an id is given and it runs.
   * @throws {PerfectError} CLIENT_START_FAILED
   * @throws {PerfectError} ENGINE_STOPPED after `stopAll()`.
   */
  async start(id?: string): Promise<readonly ClientView[]> {
    const clients = this.#select(id)
    if (id === undefined) this.#checkOpen()
    else clients.forEach((client) => this.#checkStart(client))
    await startEach(clients)
    return clients.map((client) => client.view())
  }

  /**
   * Stops one client, or all, and waits until their processes are gone. Those that do not run are left alone.
   *
   * @throws {PerfectError} CLIENT_NOT_FOUND
   */
  async stop(id?: string): Promise<readonly ClientView[]> {
    const clients = this.#select(id)
    await Promise.all(clients.map((client) => client.stop()))
    return clients.map((client) => client.view())
  }

  /**
   * Stops one client, or all, and starts it again.
   *
   * @throws {PerfectError} CLIENT_NOT_FOUND, CLIENT_START_FAILED
   * @throws {PerfectError} ENGINE_STOPPED after `stopAll()`.
   */
  async restart(id?: string): Promise<readonly ClientView[]> {
    const clients = this.#select(id)
    this.#checkOpen()
    await Promise.all(clients.map((client) => client.stop()))
    await startEach(clients)
    return clients.map((client) => client.view())
  }

  /**
   * State and last lines of one client, or of all, in the order of their declaration.
   *
   * @throws {PerfectError} CLIENT_NOT_FOUND
   */
  status(id?: string): readonly ClientView[] {
    return this.#select(id).map((client) => client.view())
  }

  /**
   * What can be done with a client now, by the rules that the actions themselves ask. Changes nothing.
   *
   * @throws {PerfectError} CLIENT_NOT_FOUND
   */
  async actions(id: string): Promise<ActionsView<ClientAction>> {
    const clients = this.#select(id)
    return {
      start: await tryAction(() => clients.forEach((client) => this.#checkStart(client))),
      stop: CAN,
      restart: await tryAction(() => this.#checkOpen()),
    }
  }

  /**
   * Lines of a client that are in memory, oldest first: as many as its declaration says.
   *
   * @throws {PerfectError} CLIENT_NOT_FOUND, REQUEST_INVALID
   */
  logs(id: string, query: ClientLogsQuery = {}): ClientLogPage {
    const { after = 0, stream, text, limit = DEFAULT_LINES } = query
    const [client] = this.#select(id)
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LINES)
      throw outOfRange('limit', limit, `1 to ${String(MAX_LINES)}`)
    if (!Number.isSafeInteger(after) || after < 0) throw outOfRange('after', after, '0 or more')
    const wanted = text?.toLowerCase()
    const found = (client?.linesAfter(after) ?? []).filter(
      (line) =>
        (stream === undefined || line.stream === stream) &&
        (wanted === undefined || line.text.toLowerCase().includes(wanted)),
    )
    const items = found.slice(0, limit)
    return { items, nextCursor: found.length > limit ? String(items.at(-1)?.seq ?? 0) : null }
  }

  /**
   * Every line of a client that is kept, oldest first, in parts: with a `clientFolder` also those of earlier lives, up to 25 MiB.
   *
   * @throws {PerfectError} CLIENT_NOT_FOUND
   */
  allLogs(id: string): AsyncIterable<readonly ClientLogView[]> {
    const [client] = this.#select(id)
    if (client === undefined) throw notFound(id, [])
    return client.allLines()
  }

  /**
   * For the start of the engine: takes up what an earlier one has left, starts the clients with `autoStart`, and lets clients start again
   * after `stopAll()`. One that cannot be started shows it in its state and its log.
   */
  async open(): Promise<void> {
    this.#isClosed = false
    await Promise.all([...this.#clients.values()].map((client) => client.open()))
    const automatic = [...this.#clients.values()].filter((client) => client.plan.autoStart)
    await Promise.allSettled(automatic.map((client) => client.start()))
  }

  /** For the end of the engine: stops every client, and lets none start any more. */
  async stopAll(): Promise<void> {
    this.#isClosed = true
    await this.stop()
    await Promise.all([...this.#clients.values()].map((client) => client.settled()))
  }

  #checkStart(client: ClientProcess): void {
    this.#checkOpen()
    if (client.status === 'running') throw alreadyRunning(client)
  }

  #checkOpen(): void {
    if (this.#isClosed) throw closed()
  }

  #select(id: string | undefined): readonly ClientProcess[] {
    if (id === undefined) return [...this.#clients.values()]
    const client = this.#clients.get(id)
    if (client === undefined) throw notFound(id, [...this.#clients.keys()])
    return [client]
  }
}

async function startEach(clients: readonly ClientProcess[]): Promise<void> {
  const results = await Promise.allSettled(clients.map((client) => client.start()))
  const failure = results.find((result) => result.status === 'rejected')
  if (failure !== undefined) throw failure.reason
}

function notFound(id: string, declared: readonly string[]): PerfectError<'CLIENT_NOT_FOUND'> {
  const known = declared.length === 0 ? 'None is declared' : `Declared are: ${declared.join(', ')}`
  const message = `Client "${id}" is not declared. ${known}. Clients are declared in "clients" of the engine's options.`
  return new PerfectError('CLIENT_NOT_FOUND', message, { details: { client: id, declared } })
}

function outOfRange(field: string, value: number, range: string): PerfectError<'REQUEST_INVALID'> {
  const message = `"${field}" is ${String(value)}. Give a whole number from ${range}.`
  return new PerfectError('REQUEST_INVALID', message, { details: { field, value: String(value) } })
}

function alreadyRunning(client: ClientProcess): PerfectError<'CLIENT_ALREADY_RUNNING'> {
  const { id } = client.plan
  const message = `Client "${id}" is already running. Stop it first to start it again.`
  return new PerfectError('CLIENT_ALREADY_RUNNING', message, { details: { client: id, pid: client.view().pid } })
}

function closed(): PerfectError<'ENGINE_STOPPED'> {
  return new PerfectError('ENGINE_STOPPED', 'The engine is stopped and starts no clients. Start the engine first.')
}
