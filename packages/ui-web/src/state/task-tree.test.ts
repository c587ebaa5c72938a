import { describe, expect, test } from 'vitest'

import { ago, makeFlow, makeTask } from '../../tests/fixture/make.ts'
import { buildTaskTree, parseKey, visibleRows, type TaskNode } from './task-tree.ts'

const outline = (nodes: readonly TaskNode[]): readonly string[] =>
  visibleRows(nodes, () => false).map(({ label, level, status }) => `${'  '.repeat(level - 1)}${label} ${status}`)

describe('parseKey()', () => {
  test('splits scopes, counts and items', () => {
    expect(parseKey('pages#1[a]/fetch page#2')).toEqual([
      { name: 'pages', count: 1, item: 'a' },
      { name: 'fetch page', count: 2, item: null },
    ])
  })

  test('leaves slashes inside an item alone', () => {
    expect(parseKey('pages#1[https://a.example/x]/fetch#1').map(({ item }) => item)).toEqual([
      'https://a.example/x',
      null,
    ])
  })

  test('reads anything as a name rather than failing', () => {
    expect(parseKey(']][[#/')).toHaveLength(1)
    expect(parseKey('')).toEqual([{ name: '', count: 1, item: null }])
  })
})

describe('buildTaskTree()', () => {
  test('puts tasks under the groups of their keys, in the order they started', () => {
    const tasks = [
      makeTask({ key: 'load#1', startedAt: ago(10) }),
      makeTask({ key: 'pages#1[a]/fetch#1', startedAt: ago(40) }),
      makeTask({ key: 'pages#1[a]/parse#1', startedAt: ago(30) }),
      makeTask({ key: 'pages#1[b]/fetch#1', startedAt: ago(39), status: 'running', finishedAt: null }),
    ]
    expect(outline(buildTaskTree(tasks, undefined, false))).toEqual([
      'pages running',
      '  a succeeded',
      '    fetch succeeded',
      '    parse succeeded',
      '  b running',
      'load succeeded',
    ])
  })

  test('gives a group the time from its first start to its last end', () => {
    const [group] = buildTaskTree(
      [
        makeTask({ key: 'g#1/a#1', startedAt: ago(50), finishedAt: ago(45), weight: 2 }),
        makeTask({ key: 'g#1/b#1', startedAt: ago(48), finishedAt: ago(20), weight: 3 }),
      ],
      undefined,
      true,
    )
    expect(group).toMatchObject({ weight: 5, startedAt: Date.parse(ago(50)), finishedAt: Date.parse(ago(20)) })
  })

  test('shows a failure through every group around it', () => {
    const tree = buildTaskTree([makeTask({ key: 'a#1/b#1/c#1', status: 'failed' })], undefined, true)
    expect(outline(tree)).toEqual(['a failed', '  b failed', '    c failed'])
  })

  test('adds planned tasks that have not started, until the run has ended', () => {
    const flow = makeFlow({
      name: 'etl',
      tasks: [
        { name: 'extract', weight: 1, estimatedMs: null },
        { name: 'load', weight: 2, estimatedMs: 500 },
      ],
    })
    const tasks = [makeTask({ key: 'extract#1' })]
    expect(outline(buildTaskTree(tasks, flow, false))).toEqual(['extract succeeded', 'load pending'])
    expect(outline(buildTaskTree(tasks, flow, true))).toEqual(['extract succeeded'])
  })

  test('lays out ten thousand tasks at once', () => {
    const tasks = Array.from({ length: 10_000 }, (_, index) => makeTask({ key: `pages#1[${String(index)}]/fetch#1` }))
    const [group] = buildTaskTree(tasks, undefined, false)
    expect(group?.children).toHaveLength(10_000)
  })
})
