import { describe, expect, it } from 'vitest'

import { TaskGraph, type SeenCalls } from './task-graph.ts'

/** A task that is called once. */
const group = (key: string, start: number, end: number, parents: readonly string[] = []): SeenCalls => ({
  key,
  start,
  end,
  parents,
  past: { n: 1 },
  lanes: 1,
  piped: false,
})

/** What a task waits for after some runs. */
function parentsOf(key: string, runs: readonly (readonly SeenCalls[])[]): readonly string[] {
  const graph = new TaskGraph()
  for (const [index, groups] of runs.entries()) graph.learnRun(groups, index + 1)
  return graph.nodes.find((node) => node.key === key)?.parents ?? []
}

// Both start with the run; the third one follows the first, and now and then comes after the second by chance.
const truly = [group('a', 0, 10), group('b', 0, 30), group('c', 10, 20, ['a'])]
const byChance = [group('a', 0, 10), group('b', 0, 8), group('c', 10, 20, ['b'])]

describe('TaskGraph', () => {
  it('takes what a task came after for what it waits for', () => {
    expect(parentsOf('c', [byChance])).toEqual(['b'])
  })

  it('keeps what a task came after in other runs, as long as no run shows the contrary', () => {
    expect(parentsOf('c', [truly, byChance]).toSorted()).toEqual(['a', 'b'])
  })

  it('no longer takes a task for a parent once the other began before its end, also when chance comes again', () => {
    expect(parentsOf('c', [byChance, truly])).toEqual(['a'])
    expect(parentsOf('c', [byChance, truly, byChance])).toEqual(['a'])
  })

  it('believes again what was not contradicted in many runs', () => {
    const runs = [byChance, truly, ...Array.from({ length: 25 }, () => byChance)]
    expect(parentsOf('c', runs).toSorted()).toEqual(['a', 'b'])
  })

  it('follows the parents of what a task does not wait for', () => {
    const first = [group('a', 0, 10), group('b', 10, 12, ['a']), group('c', 12, 20, ['b'])]
    const second = [group('a', 0, 10), group('b', 10, 30, ['a']), group('c', 12, 20, ['b'])]
    expect(parentsOf('c', [first, second])).toEqual(['a'])
  })
})
