import type { ClientView, FlowView, LogView, Page, RunDetailView, RunView, TaskView } from '@perfect/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { isAlive, ServerProcess } from './server-process.ts'

const PATIENCE = { timeout: 30_000, interval: 50 }

let server: ServerProcess

beforeEach(async () => {
  server = await ServerProcess.create()
})
afterEach(() => server.dispose())

async function trigger(flowId: string, body: unknown = {}): Promise<RunView> {
  const answer = await server.post<{ run: RunView }>(`/engine/trigger/${flowId}`, body)
  expect(answer.status).toBe(202)
  return answer.body.run
}

async function getRun(id: string): Promise<RunView> {
  return (await server.get<RunDetailView>(`/engine/runs/${id}`)).run
}

async function startPython(): Promise<ClientView> {
  const { body } = await server.post<Page<ClientView>>('/client/start')
  await expect
    .poll(
      async () => (await server.get<Page<FlowView>>('/engine/flows')).items.filter(({ workers }) => workers > 0).length,
      PATIENCE,
    )
    .toBeGreaterThan(0)
  const [client] = body.items
  if (!client) throw new Error('no client is declared')
  return client
}

describe('the example server', () => {
  it('answers with the shapes that others rely on', async () => {
    const flows = await server.get<Page<FlowView>>('/engine/flows')
    expect(flows).toMatchObject({ nextCursor: null })
    expect(flows.items.map(({ id }) => id)).toEqual(['weather-etl', 'checksum-files', 'watch-host'])
    const run = await trigger('weather-etl', { configuration: 'release', input: { paceMs: 0 } })
    expect(run).toMatchObject({
      flowId: 'weather-etl',
      configuration: 'release',
      progress: { percent: expect.any(Number) as number },
    })
    await expect.poll(async () => (await getRun(run.id)).status, PATIENCE).toBe('succeeded')
    const detail = await server.get<RunDetailView>(`/engine/runs/${run.id}`)
    expect(detail).toMatchObject({
      run: { progress: { percent: 100 } },
      result: { rows: 48, wettest: { month: '2015-12' } },
    })
    expect((await server.post(`/engine/runs/${run.id}/logs`, { log: 'from outside' })).status).toBe(202)
    expect(
      (await server.post(`/engine/runs/${run.id}/logs`, { lines: ['one', { message: 'two', level: 'warn' }] })).status,
    ).toBe(202)
    const logs = await server.get<Page<LogView>>(`/engine/runs/${run.id}/logs`)
    expect(logs.items.slice(-3).map(({ message }) => message)).toEqual(['from outside', 'one', 'two'])
    const registered = await server.post('/engine/register', {
      name: 'Elsewhere',
      tasks: [{ name: 'a', weight: 2, estimatedTime: 500 }],
      schedule: '0 0 * * *',
    })
    expect(registered).toMatchObject({
      status: 200,
      body: { status: 'created', flow: { id: 'elsewhere', runsOn: 'worker' } },
    })
    const clients = await server.get<Page<ClientView>>('/client/status')
    expect(clients.items).toMatchObject([{ id: 'python-examples', status: 'stopped', pid: null, logs: [] }])
    const page = await fetch(server.url)
    expect(await page.text()).toContain('<perfect-dashboard src="/api">')
  }, 60_000)

  it('goes on with 20 runs after it was killed: all succeed, progress never falls', async () => {
    const runs = await Promise.all(Array.from({ length: 20 }, () => trigger('weather-etl', { input: { paceMs: 60 } })))
    const last = new Map<string, number>()
    const falls: string[] = []
    const look = async (): Promise<readonly RunView[]> => {
      const { items } = await server.get<Page<RunView>>('/engine/runs?limit=200')
      for (const { id, progress } of items) {
        if (progress.percent < (last.get(id) ?? 0))
          falls.push(`${id}: ${String(last.get(id))} to ${String(progress.percent)}`)
        last.set(id, progress.percent)
      }
      return items.filter(({ flowId }) => flowId === 'weather-etl')
    }
    for (let kill = 0; kill < 2; kill++) {
      await expect
        .poll(async () => (await look()).some(({ progress }) => progress.percent > 20 + 25 * kill), PATIENCE)
        .toBe(true)
      expect((await look()).some(({ status }) => status === 'running')).toBe(true)
      await server.end('SIGKILL')
      await server.start()
    }
    await expect
      .poll(async () => (await look()).map(({ status }) => status), PATIENCE)
      .toEqual(runs.map(() => 'succeeded'))
    expect(falls).toEqual([])
  }, 90_000)

  it('continues the run of a Python worker that was killed in the next one, without repeating recorded tasks', async () => {
    const client = await startPython()
    const flow = (await server.get<Page<FlowView>>('/engine/flows')).items.find(
      ({ runsOn, tasks }) => runsOn === 'worker' && tasks.length > 2,
    )
    const run = await trigger(flow?.id ?? 'none')
    const tasks = async (): Promise<readonly TaskView[]> =>
      (await server.get<RunDetailView>(`/engine/runs/${run.id}`)).tasks
    const recorded = async (): Promise<readonly TaskView[]> =>
      (await tasks()).filter(({ finishedAt }) => finishedAt !== null)
    await expect.poll(async () => (await recorded()).length, PATIENCE).toBeGreaterThan(0)
    const pid =
      (await server.get<Page<ClientView>>('/client/status')).items.find(({ id }) => id === client.id)?.pid ?? 0
    process.kill(pid, 'SIGKILL')
    await expect.poll(async () => (await getRun(run.id)).status, PATIENCE).toBe('queued')
    const before = await recorded()
    await startPython()
    await expect.poll(async () => (await getRun(run.id)).status, PATIENCE).toBe('succeeded')
    const after = new Map((await tasks()).map((task) => [task.key, task]))
    expect(before.length).toBeGreaterThan(0)
    expect(
      before.filter(
        ({ key, startedAt, finishedAt }) =>
          after.get(key)?.startedAt !== startedAt || after.get(key)?.finishedAt !== finishedAt,
      ),
    ).toEqual([])
    expect((await getRun(run.id)).epoch).toBe(2)
  }, 90_000)

  it('ends its Python client with itself, on Ctrl-C and when it is killed', async () => {
    for (const signal of ['SIGINT', 'SIGKILL'] as const) {
      await startPython()
      const pid = (await server.get<Page<ClientView>>('/client/status')).items[0]?.pid ?? 0
      expect(isAlive(pid)).toBe(true)
      await server.end(signal)
      await expect.poll(() => isAlive(pid), PATIENCE).toBe(false)
      await server.start()
    }
  }, 90_000)

  it('says what to do when its port is in use', async () => {
    const second = new ServerProcess(server.port)
    await expect(second.start()).rejects.toThrow(
      /PORT_IN_USE: Port \d+ of 127\.0\.0\.1 is in use\. Stop the program that uses it/,
    )
    await second.dispose()
  })
})
