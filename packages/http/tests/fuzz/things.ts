/* What exists in the engine while it is fuzzed, so that requests reach more than "not found". */
import type { SampleApi } from '../sample-api.ts'

const KEPT = 64

/** Identifiers by the name of the path part that they fill. */
export class Things {
  readonly #known: Readonly<Record<string, string[]>> = {
    flowId: ['note', 'add', 'asking', 'failing'],
    runId: [],
    scheduleId: ['note:hourly'],
    selectionId: [],
    bulkId: [],
    sessionId: [],
    alertId: [],
    viewId: [],
    topic: ['failures', 'alerts'],
    workerId: ['w1'],
    name: ['ship'],
  }

  /** Makes one of each. */
  static async of({ get, post }: SampleApi): Promise<Things> {
    const things = new Things()
    const begun = [
      await post('/engine/trigger/note?wait=5s'),
      await post('/engine/trigger/failing?wait=5s'),
      await post('/engine/trigger/asking'),
      await post('/engine/schedules', { flow: 'note', id: 'hourly', every: '1h' }),
      await post('/engine/selections', { filter: 'flow:note' }),
      await post('/engine/workers/sessions', { protocol: 'perfect.worker.v1' }),
      await get('/engine/alerts'),
      await post('/engine/views', { name: 'Mine', filter: 'flow:note' }),
    ]
    for (const response of begun) things.learn(await response.text())
    return things
  }

  /** Remembers the identifiers in an answer. */
  learn(text: string): void {
    for (const [, id = ''] of text.matchAll(/"(?:id|sessionId)":"([^"\\]{1,100})"/g)) {
      const [kind = ''] = id.split('_')
      const known = {
        run: 'runId',
        sel: 'selectionId',
        bulk: 'bulkId',
        wses: 'sessionId',
        alr: 'alertId',
        view: 'viewId',
      }[kind]
      const list = this.#known[known ?? (id.includes(':') ? 'scheduleId' : '')]
      if (list === undefined || list.includes(id)) continue
      list.push(id)
      if (list.length > KEPT) list.shift()
    }
  }

  /** The path with something that exists in each of its parts. */
  fill(path: string, pick: number): string {
    return path.replaceAll(/\{(\w+)\}/g, (part, name: string) => {
      const list = this.#known[name] ?? []
      return encodeURIComponent(list[pick % Math.max(1, list.length)] ?? part)
    })
  }
}
