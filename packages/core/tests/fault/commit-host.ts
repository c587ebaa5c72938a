/* A process that commits runs to an SQLite file, one whole run in each commit, and writes its number to the output once it is stored. */
import { writeSync } from 'node:fs'

import { PerfectError } from '@perfect/core'
import { sqliteStorage } from '@perfect/core/sqlite'
import { aHeldRun, aLogLine, aTask } from '@perfect/core/testing'

const [database = '', first = '0', count = 'Infinity', inputChars = '10'] = process.argv.slice(2)

const storage = sqliteStorage(database)
const fence = (runId: string) => ({ runId, epoch: 1, engineId: 'eng_1' })

async function commitRun(number: number): Promise<void> {
  const runId = `run_${String(number)}`
  await storage.commit([
    { type: 'run.create', run: aHeldRun({ id: runId, createdAt: number }), input: 'x'.repeat(Number(inputChars)) },
    { type: 'task.put', ...fence(runId), task: aTask({ runId, key: 'a' }) },
    { type: 'task.put', ...fence(runId), task: aTask({ runId, key: 'b' }) },
    { type: 'log.append', runId, fence: fence(runId), lines: [aLogLine(), aLogLine()] },
  ])
}

try {
  await storage.open()
  for (let number = Number(first); number < Number(first) + Number(count); number++) {
    await commitRun(number)
    writeSync(1, `${String(number)}\n`)
  }
} catch (error) {
  writeSync(1, PerfectError.is(error) ? `${error.code}\n` : `${String(error)}\n`)
  process.exitCode = 3
}
// Not closed on purpose: an idle storage lets its process end.
