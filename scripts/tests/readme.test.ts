import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { runCommand } from '../run-command.ts'
import { root } from '../source-files.ts'

const readme = readFileSync(join(root, 'README.md'), 'utf8')
const blocks = [...readme.matchAll(/^```ts\n([^]*?)^```/gmu)].map(([, code = '']) => code)

// Beside the example server: there are the packages that the README installs.
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(root, 'examples/server/.readme-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe('README.md', () => {
  it('has code that runs as it stands: a flow that counts words, and a page that shows it', async () => {
    // The README listens on the port that a reader expects; a test takes a free one, looks, and ends.
    const look = `
      const [page, api] = await Promise.all(['/', '/api/engine/runs'].map((path) => fetch(server.url + path)))
      console.log(page?.status, (await page?.text())?.includes('<perfect-dashboard'), JSON.stringify(await api?.json()))
      await server.close()
      await engine.stop()
    `
    const program = [...blocks, look].join('\n').replace('port: 3000', 'port: 0')
    for (const file of ['README.md', 'LICENSE']) writeFileSync(join(folder, file), 'one two three')
    writeFileSync(join(folder, 'main.ts'), program)
    const { ok, output } = await runCommand('node', ['--conditions=@perfect/source', 'main.ts'], { cwd: folder })
    expect(ok, output).toBe(true)
    const [sum, url, answer = ''] = output.split('\n')
    expect(sum).toBe('6')
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/u)
    expect(answer).toContain('200 true')
    expect(answer).toContain('"status":"succeeded"')
    expect(answer).toContain('"configuration":"release"')
  })
})
