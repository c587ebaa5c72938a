// @ts-check
// What `npm start` and `npm test` run. It needs Node 20 and npm and nothing else: it brings pnpm and a current Node through npm,
// does only what is not up to date, says what it does and how long each step took, and ends everything it started.
import { step, fail, finish } from './launch/console.mjs'
import { buildDashboard } from './launch/dashboard.mjs'
import { installPackages } from './launch/install.mjs'
import { checkOwnNode, currentNode } from './launch/runtime.mjs'
import { pageUrl, requireFreePort, serverIsReady } from './launch/server.mjs'
import { supervise } from './launch/supervise.mjs'

async function start() {
  const port = Number(process.env['PORT'] ?? 3000)
  await requireFreePort(port)
  await step('packages', installPackages)
  const node = currentNode()
  await step('dashboard', () => buildDashboard(node))
  const server = supervise(node, ['--conditions=@perfect/source', 'examples/server/src/main.ts'], { signal: 'process' })
  if (port !== 0) void announceServer(port, server)
  return server.ended
}

/** @param {number} port @param {{ readonly running: boolean }} server */
async function announceServer(port, server) {
  const said = await step('server', () => serverIsReady(port, server))
  if (said !== '') finish(`${pageUrl(port)}  (Ctrl-C ends it)`)
}

/** @param {readonly string[]} args */
async function test(args) {
  await step('packages', installPackages)
  return supervise(currentNode(), ['--conditions=@perfect/source', 'scripts/test.ts', ...args], { signal: 'group' })
    .ended
}

const [command, ...args] = process.argv.slice(2)
checkOwnNode()
try {
  if (command === 'start') process.exitCode = await start()
  else if (command === 'test') process.exitCode = await test(args)
  else fail(`Unknown command "${command ?? ''}". Known: start, test.`)
} catch (error) {
  fail(error instanceof Error ? error.message : String(error))
}
