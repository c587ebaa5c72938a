import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Memory that is really in use: everything that can be collected has been. Unit: KiB. */
export async function heapKib(): Promise<number> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as (options: { readonly type: 'major'; readonly flavor: 'last-resort' }) => void
  for (let times = 0; times < 4; times += 1) {
    collect({ type: 'major', flavor: 'last-resort' })
    // What was queued for the end of the turn may hold memory, too.
    await new Promise((resolve) => void setImmediate(resolve))
  }
  return process.memoryUsage().heapUsed / 1024
}
