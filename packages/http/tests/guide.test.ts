import { spawn } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { fileURLToPath, pathToFileURL } from 'node:url'

import type { PerfectServer } from '@perfect/http/node'
import { describe, expect, it } from 'vitest'

const guide = await readFile(new URL('../../../docs/guide/http-api.md', import.meta.url), 'utf8')
const program = fileURLToPath(new URL(`guide-${String(process.pid)}.ts`, import.meta.url))

describe('the guide of the HTTP API', () => {
  it('shows requests that do what it says, with curl, in the order of the page', async () => {
    await writeFile(program, blocks('ts').replace('port: 3000', 'port: 0'))
    const { server } = (await import(pathToFileURL(program).href)) as { server: PerfectServer }
    try {
      const calls = blocks('sh').replaceAll('http://127.0.0.1:3000', server.url)
      const { statuses, output } = await runShell(calls)
      expect(statuses.length).toBe(calls.split(/\bcurl\b/).length - 1)
      // All succeed but the one that shows an error.
      expect([output, statuses.filter((status) => status >= 300)]).toEqual([output, [422]])
      expect(output).toContain('"code":"INPUT_INVALID"')
      expect(output).toContain('"result":"report of 2026-11-23"')
      expect(output).toContain('writing')
      expect(output).toContain('perfect_')
    } finally {
      await server.close()
      await rm(program)
    }
  })
})

function blocks(language: string): string {
  return [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'gmu'))]
    .map(([, code]) => code)
    .join('\n')
}

/** Runs the lines as a reader would type them; tells the status of each answer besides. */
async function runShell(lines: string): Promise<{ statuses: readonly number[]; output: string }> {
  const curl = String.raw`curl() { command curl -sS -m 20 -w '%{stderr}status %{http_code}\n' "$@"; }`
  const shell = spawn('sh', ['-e'], { stdio: ['pipe', 'pipe', 'pipe'] })
  shell.stdin.end(`${curl}\n${lines}`)
  const [output, notes] = await Promise.all([text(shell.stdout), text(shell.stderr)])
  return {
    output: output + notes,
    statuses: [...notes.matchAll(/^status (\d+)$/gm)].map(([, status]) => Number(status)),
  }
}
