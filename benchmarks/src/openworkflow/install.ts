// Installs the peers, in a folder of their own: nothing of them is in the workspace.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { reportFigures } from '../harness/side.ts'

const PEERS = fileURLToPath(new URL('../../peers', import.meta.url))

await reportFigures(() => {
  if (!existsSync(`${PEERS}/node_modules/openworkflow`))
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: PEERS, stdio: 'inherit' })
  return Promise.resolve({})
})
