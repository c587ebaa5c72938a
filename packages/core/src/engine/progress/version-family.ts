// Every run asks, and there are few versions.
const known = new Map<string, string>()
const MAX_KNOWN = 1000

/** Versions that are alike enough to learn from each other: those with the same major number, or else the same text. */
export function versionFamily(version: string): string {
  const family = known.get(version)
  if (family !== undefined) return family
  if (known.size >= MAX_KNOWN) known.clear()
  const made = /^v?(\d+)(?:\.|$)/.exec(version)?.[1] ?? version
  known.set(version, made)
  return made
}
