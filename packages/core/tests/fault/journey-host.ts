/* A process that goes on a journey and kills itself before or after its n-th commit. */
import { FlowEngine } from '@perfect/core'
import { sqliteStorage } from '@perfect/core/sqlite'
import { interceptStorage } from '@perfect/core/testing'

import { diaryOf, goOn } from './journey.ts'

const [database = '', diary = '', moment = 'before', point = '0'] = process.argv.slice(2)

let commits = 0
const die = (): never => {
  process.kill(process.pid, 'SIGKILL')
  throw new Error('This process is dead.')
}
const storage = interceptStorage(sqliteStorage(database), async ({ changes }, proceed) => {
  const isPoint = changes !== null && ++commits === Number(point)
  if (isPoint && moment === 'before') die()
  const answer = await proceed()
  return isPoint ? die() : answer
})
const engine = new FlowEngine({ storage, parkAfterMs: 60_000 })
const run = await goOn(engine, diaryOf(diary))
await run.result()
await engine.stop()
