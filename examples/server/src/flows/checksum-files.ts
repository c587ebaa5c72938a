/* A fan-out over real files: the checksum of every source file of this workspace, with one checkpoint per file. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { glob, stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { current, flow, map, step, task, type Flow } from '@perfect/core'
import { z } from 'zod'

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
const PATTERN = 'packages/*/src/**/*.ts'

interface Checksum {
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

const checksum = task(
  'checksum',
  { retry: 2, timeout: '30s' },
  async (path: string, paceMs: number): Promise<Checksum> => {
    const { signal } = current()
    const hash = createHash('sha256')
    await pipeline(createReadStream(`${ROOT}${path}`), hash, { signal })
    await pause(paceMs, undefined, { signal })
    const { size } = await stat(`${ROOT}${path}`)
    return { path, bytes: size, sha256: hash.digest('hex') }
  },
)

async function listFiles(): Promise<string[]> {
  const paths: string[] = []
  for await (const path of glob(PATTERN, { cwd: ROOT })) paths.push(path)
  return paths.toSorted()
}

const Input = z.object({
  concurrency: z.number().int().min(1).max(64).default(8).describe('Files that are read at the same time.'),
  paceMs: z.number().int().min(0).max(1000).default(40).describe('Pause for each file, in milliseconds.'),
})

/** The checksums of the source files of this workspace. */
export const checksumFiles: Flow<z.input<typeof Input> | undefined, unknown> = flow(
  'Checksum files',
  {
    description: 'One task for each source file of this workspace: a fan-out with a checkpoint per file.',
    tags: ['example', 'fan-out'],
    input: Input.prefault({}),
    plan: [
      { name: 'list files', weight: 1 },
      { name: 'files', weight: 20 },
      { name: 'manifest', weight: 1 },
    ],
  },
  async ({ concurrency, paceMs }) => {
    const paths = await step('list files', listFiles)
    const sums = await map('files', paths, (path) => checksum(path, paceMs), { key: (path) => path, concurrency })
    return step('manifest', () => {
      const bytes = sums.reduce((total, sum) => total + sum.bytes, 0)
      current().log.info(`${String(sums.length)} files, ${String(bytes)} bytes`)
      const manifest = createHash('sha256').update(sums.map(({ sha256, path }) => `${sha256}  ${path}\n`).join(''))
      return { files: sums.length, bytes, sha256: manifest.digest('hex') }
    })
  },
)
