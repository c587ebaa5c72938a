import { createServer } from 'node:net'

import { afterEach, describe, expect, it } from 'vitest'

import { answers, freePort, launch, until, type LaunchedServer } from './launched-server.ts'

const launched: LaunchedServer[] = []
afterEach(() => {
  for (const server of launched.splice(0)) {
    server.launcher.kill('SIGKILL')
    server.remove()
  }
})

async function launchReady(): Promise<LaunchedServer> {
  const server = launch(await freePort())
  launched.push(server)
  await until(
    () => Promise.resolve(/^ready +http/mu.test(server.output())),
    () => server.output(),
  )
  return server
}

describe('the launcher', { timeout: 120_000 }, () => {
  it('says what it does, serves the page, and ends in order on SIGTERM', async () => {
    const server = await launchReady()
    expect(server.output()).toMatch(/^packages +(?:up to date|installed with \S+) {2}\(\d+\.\d s\)$/mu)
    expect(server.output()).toMatch(/^dashboard +(?:built|up to date) {2}\(\d+\.\d s\)$/mu)
    expect(await (await fetch(server.url)).text()).toContain('<perfect-dashboard')
    server.launcher.kill('SIGTERM')
    expect(await server.ended(), server.output()).toBe(0)
    expect(await answers(server.url)).toBe(false)
  })

  it('takes the server along when it is killed itself', async () => {
    const server = await launchReady()
    server.launcher.kill('SIGKILL')
    await until(
      async () => !(await answers(server.url)),
      () => server.output(),
    )
  })

  it('refuses a port that is in use, before anything else', async () => {
    const port = await freePort()
    const other = createServer().listen(port, '127.0.0.1')
    const server = launch(port)
    launched.push(server)
    expect(await server.ended()).toBe(1)
    expect(server.output()).toContain(`Port ${String(port)} is in use.`)
    expect(server.output()).toContain('PORT=')
    expect(server.output()).not.toContain('packages ')
    other.close()
  })
})
