import { describe, expect, it } from 'vitest'

import { formatBytes, formatCpu } from './usage.ts'

describe('formatBytes()', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [85 * 1024 ** 2, '85 MiB'],
    [1.44 * 1024 ** 3, '1.4 GiB'],
    [5000 * 1024 ** 4, '5000 TiB'],
  ])('shows %d bytes as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })
})

describe('formatCpu()', () => {
  it.each([
    [0, '0 %'],
    [0.004, '< 1 %'],
    [0.123, '12 %'],
    [1.98, '198 %'],
  ])('shows a share of %d as %s', (share, text) => {
    expect(formatCpu(share)).toBe(text)
  })
})
