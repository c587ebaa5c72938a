/** Versions that are alike enough to learn from each other: those with the same major number, or else the same text. */
export function versionFamily(version: string): string {
  return /^v?(\d+)(?:\.|$)/.exec(version)?.[1] ?? version
}
