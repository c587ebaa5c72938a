import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { reportFigures } from '../harness/side.ts'
import { median } from '../harness/statistics.ts'

const TIMES = 11

// Each in a process that has loaded nothing else.
await reportFigures(({ folder }) => {
  const url = pathToFileURL(join(folder, 'dist/index.js')).href
  const code = `const began = performance.now(); await import('${url}'); console.log(performance.now() - began)`
  const run = (): number => Number(execFileSync(process.execPath, ['--input-type=module', '-e', code], { env: {} }))
  return Promise.resolve({ ms: median(Array.from({ length: TIMES }, run)) })
})
