import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { OWN } from './own-certificate.ts'
import { Receiver } from './receiver.ts'

const HOST = fileURLToPath(new URL('tls-host.ts', import.meta.url))
let folder: string
let receiver: Receiver
let url: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'perfect-tls-'))
  receiver = new Receiver(OWN)
  url = await receiver.listen()
})
afterEach(() => {
  receiver.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Runs a host that trusts these certificates besides the usual ones. */
async function deliver(trusted: string, to: string): Promise<unknown> {
  const file = join(folder, 'trusted.pem')
  writeFileSync(file, trusted)
  const child = spawn(process.execPath, ['--conditions=@perfect/source', HOST, to], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_EXTRA_CA_CERTS: file },
  })
  return JSON.parse(await text(child.stdout))
}

describe('a webhook over TLS', () => {
  it('is delivered, signed, to a receiver whose certificate is trusted', async () => {
    expect(await deliver(OWN.cert, url)).toEqual({ state: 'delivered', problem: null })
    expect(receiver.received).toMatchObject([{ event: { type: 'run.failed', data: { flow: { id: 'fails' } } } }])
  })

  it('is not sent to one whose certificate is not trusted', async () => {
    const outcome = await deliver('', url)
    expect(outcome).toMatchObject({ state: 'pending', problem: expect.stringContaining('self-signed') as string })
    expect(receiver.received).toEqual([])
  })
})
