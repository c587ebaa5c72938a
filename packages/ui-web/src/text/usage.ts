const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** An amount of memory with two or three digits: `850 KiB`, `1.4 GiB`. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10))
  const amount = bytes / 1024 ** power
  return `${amount.toFixed(amount < 10 && power > 0 ? 1 : 0)} ${UNITS[power] ?? 'B'}`
}

/** Processor time as a share of one core: `12 %`. */
export function formatCpu(share: number): string {
  return share > 0 && share < 0.01 ? '< 1 %' : `${String(Math.round(share * 100))} %`
}
