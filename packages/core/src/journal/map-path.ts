// Item keys have no brackets of their own: they are escaped.
const IN_MAP = /^([^[]*#\d*)\[([^\]]*)\](?=\/|$)/

/** A map, and one of its items. */
export interface MapPlace {
  /** Path of the map, for example `pages#1`; `pages#` for all those of a name whose items have keys and are not counted. */
  readonly path: string
  /** Key of the item: `7`. */
  readonly item: string
}

/** The outermost map that a call is in: `pages#1[7]/fetch#1` is made in an item of `pages#1`, `fetch#1[7]` is one of `fetch#1`. null outside of maps. */
export function mapOf(key: string): MapPlace | null {
  const [, path, item] = IN_MAP.exec(key) ?? []
  return path === undefined || item === undefined ? null : { path, item }
}
