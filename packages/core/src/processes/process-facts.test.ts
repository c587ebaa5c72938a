import { describe, expect, test } from 'vitest'

import { parseStat, selectMembers, type ProcessFacts, type TreeRoot } from './process-facts.ts'

// A small machine: the first process, a thread of the kernel, the host, and a client with its own group and session.
const LEADER = 500
const machine = [
  facts({ pid: 1, parent: 0, group: 0, session: 0, startedTicks: 1 }),
  facts({ pid: 2, parent: 0, group: 0, session: 0, startedTicks: 1 }),
  facts({ pid: 9, parent: 2, group: 0, session: 0, startedTicks: 1 }),
  facts({ pid: 400, parent: 1, group: 400, session: 400, startedTicks: 50 }),
  facts({ pid: LEADER, parent: 400, group: LEADER, session: LEADER, startedTicks: 100, isMarked: true }),
]

function facts(given: Partial<ProcessFacts> & { pid: number }): ProcessFacts {
  return { parent: 1, group: given.pid, session: given.pid, startedTicks: 200, isMarked: false, ...given }
}

function members(processes: readonly ProcessFacts[], root: Partial<TreeRoot> = {}): number[] {
  const whole = { leader: LEADER, leaderTicks: 100, seen: new Map<number, number>(), ...root }
  return selectMembers(processes, whole).map(({ pid }) => pid)
}

const withoutLeader = machine.filter(({ pid }) => pid !== LEADER)

describe('selectMembers()', () => {
  test('takes the leader and nobody that was there before', () => {
    expect(members(machine)).toEqual([LEADER])
  })

  test.each([
    { by: 'its parent', member: facts({ pid: 501, parent: LEADER }) },
    { by: 'its group', member: facts({ pid: 501, group: LEADER }) },
    { by: 'its session', member: facts({ pid: 501, session: LEADER }) },
    { by: 'its mark', member: facts({ pid: 501, isMarked: true }) },
  ])('knows a process by $by', ({ member }) => {
    expect(members([...machine, member])).toEqual([LEADER, 501])
  })

  test('knows what a member has started, in whatever order they are listed', () => {
    const chain = [
      facts({ pid: 503, parent: 502 }),
      facts({ pid: 502, parent: 501 }),
      facts({ pid: 501, parent: LEADER }),
    ]
    expect(members([...machine, ...chain])).toEqual([LEADER, 503, 502, 501])
  })

  test('knows a process whose parent has gone when it was seen before', () => {
    const orphan = facts({ pid: 501 })
    expect(members([...withoutLeader, orphan], { seen: new Map([[501, 200]]) })).toEqual([501])
    expect(members([...withoutLeader, orphan], { seen: new Map([[501, 150]]) })).toEqual([])
  })

  test('knows the group when its leader has gone', () => {
    expect(members([...withoutLeader, facts({ pid: 501, group: LEADER })])).toEqual([501])
  })

  test('takes nobody when the pid of the leader belongs to another process', () => {
    const other = facts({ pid: LEADER, startedTicks: 300 })
    expect(members([...withoutLeader, other, facts({ pid: 501, parent: LEADER })])).toEqual([])
  })

  test('leaves other processes of the host alone', () => {
    expect(members([...machine, facts({ pid: 450, parent: 400 }), facts({ pid: 451, parent: 450 })])).toEqual([LEADER])
  })

  test('takes nobody when it is not known when the leader started', () => {
    expect(members(machine, { leaderTicks: Number.NaN })).toEqual([])
  })
})

describe('parseStat()', () => {
  const rest = '0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 7777 0 0'

  test('reads a process, whatever its name is', () => {
    const expected = { pid: 501, parent: 500, group: 499, session: 498, startedTicks: 7777 }
    expect(parseStat(`501 (node) S 500 499 498 ${rest}`)).toEqual(expected)
    expect(parseStat(`501 (a) Z 1 (2) S 500 499 498 ${rest}`)).toEqual(expected)
  })

  test('gives nothing for a process that has ended', () => {
    expect(parseStat(`501 (node) Z 500 499 498 ${rest}`)).toBeUndefined()
    expect(parseStat('')).toBeUndefined()
  })
})
