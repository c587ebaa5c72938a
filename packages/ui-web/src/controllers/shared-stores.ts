import type { DashboardClient } from '../api/dashboard-client.ts'
import { createHttpClient } from '../api/http-client.ts'
import { LiveStore } from './live-store.ts'

/** Gives the bearer token of each request; null for none. */
export type GetToken = () => string | null | Promise<string | null>

/** Where an element gets its data from. */
export interface StoreSource {
  /** Where the API is mounted. */
  readonly src: string
  /** A client of the host's own; then `src` and `getToken` are not used. */
  readonly client: DashboardClient | null
  readonly getToken: GetToken | null
}

/*
 * Elements with the same source share one store, and so one connection: browsers allow six per origin. Keyed by the objects that
 * the host gave, weakly where they are objects, so that a source nobody uses any more is collected with its data.
 */
const byClient = new WeakMap<DashboardClient, LiveStore>()
const byToken = new WeakMap<GetToken, Map<string, LiveStore>>()
const withoutToken = new Map<string, LiveStore>()

/** The store of a source; the same one for the same source. */
export function sharedStore({ src, client, getToken }: StoreSource): LiveStore {
  if (client !== null) return known(byClient, client, () => new LiveStore(client))
  const stores = getToken === null ? withoutToken : known(byToken, getToken, () => new Map<string, LiveStore>())
  return known(stores, src, () => new LiveStore(createHttpClient({ src, ...(getToken === null ? {} : { getToken }) })))
}

interface Cache<K, V> {
  get(key: K): V | undefined
  set(key: K, value: V): unknown
}

function known<K, V>(cache: Cache<K, V>, key: K, make: () => V): V {
  const found = cache.get(key)
  if (found !== undefined) return found
  const made = make()
  cache.set(key, made)
  return made
}
