import { describe, expect, test } from 'vitest'

import { parseGroupUsage } from './group-usage.ts'

const MIB = 1024 * 1024

describe('the usage of a process group', () => {
  test('is the sum over its processes, as macOS writes them', () => {
    const output = '    1  10240   1:30.50\n  500  20480   0:01.25\n  500   1024 100:00.00\n 5000   1024   0:09.00\n'
    expect(parseGroupUsage(output, 500)).toEqual({ cpuMs: 6_001_250, memoryBytes: 21 * MIB, processes: 2 })
  })

  test.each([
    ['00:00:07', 7000],
    ['01:02:03', 3_723_000],
    ['1-02:03:04', 93_784_000],
    ['0:12,34', 12_340],
    ['-', 0],
  ])('reads a time of "%s"', (time, cpuMs) => {
    expect(parseGroupUsage(`500 1024 ${time}`, 500)).toEqual({ cpuMs, memoryBytes: MIB, processes: 1 })
  })

  test('is not known when no process is of the group, or nothing was told', () => {
    expect(parseGroupUsage('50 1024 0:01.00\n', 500)).toBeNull()
    expect(parseGroupUsage('', 500)).toBeNull()
    expect(parseGroupUsage('ps: illegal option\n', 500)).toBeNull()
  })
})
