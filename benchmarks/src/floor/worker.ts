// The thread of the floor: one transaction per message, each a batch of rows, answered when it is on the disk.
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'

import { COUNT_ENDS, COUNT_ROWS, SCHEMA, WRITES, type Batch } from './rows.ts'

const HOUR_MS = 3_600_000
const END = 3

const { path } = workerData as { readonly path: string }
const database = new DatabaseSync(path)
database.exec('PRAGMA journal_mode = WAL')
database.exec('PRAGMA synchronous = FULL')
database.exec(SCHEMA)
const [begin, commit, countEnds, ...writes] = ['BEGIN IMMEDIATE', 'COMMIT', COUNT_ENDS, ...WRITES].map((sql) =>
  database.prepare(sql),
)

parentPort?.on('message', (message: Batch | 'close') => {
  if (message === 'close') {
    const counts = database.prepare(COUNT_ROWS).get()
    database.close()
    parentPort?.postMessage(counts)
    return
  }
  let ended = 0
  begin?.run()
  for (const [statement, cells] of message) {
    writes[statement]?.run(...cells)
    if (statement === END) ended += 1
  }
  if (ended > 0) countEnds?.run(Math.floor(Date.now() / HOUR_MS) * HOUR_MS, ended)
  commit?.run()
  parentPort?.postMessage('done')
})
