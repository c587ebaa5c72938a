// The thread of the floor: one transaction per message, each a batch of rows, answered when it is on the disk.
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'

import { STATEMENTS, type Batch } from './floor-rows.ts'

const { path } = workerData as { readonly path: string }
const database = new DatabaseSync(path)
database.exec('PRAGMA journal_mode = WAL')
database.exec('PRAGMA synchronous = FULL')
for (const statement of STATEMENTS.schema) database.exec(statement)
const writes = STATEMENTS.writes.map((sql) => database.prepare(sql))

parentPort?.on('message', (message: Batch | 'close') => {
  if (message === 'close') {
    const counts = database.prepare(STATEMENTS.count).get()
    database.close()
    parentPort?.postMessage(counts)
    return
  }
  database.exec('BEGIN IMMEDIATE')
  for (const [statement, cells] of message) writes[statement]?.run(...cells)
  database.exec('COMMIT')
  parentPort?.postMessage('done')
})
