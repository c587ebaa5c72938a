import type { FlowView, TaskView } from '@perfect/core'

/*
 * Task keys are paths: `pages#1[a]/fetch page#1` is the first "fetch page" inside item "a" of the first "pages".
 * Here they become the rows of the timeline: pure functions, so that ten thousand tasks are laid out in one pass.
 */

/** A part of a key. */
export interface KeySegment {
  readonly name: string
  /** Which call of that name. Range: >= 1. */
  readonly count: number
  /** Item of a `map`; null for anything else. */
  readonly item: string | null
}

/** A row of the tree: a task, a group that only holds tasks, or a planned task that has not started. */
export interface TaskNode {
  /** Unique in the tree. */
  readonly key: string
  readonly label: string
  /** Range: >= 1. */
  readonly level: number
  readonly task: TaskView | null
  readonly children: readonly TaskNode[]
  readonly status: TaskView['status'] | 'pending'
  /** Unit: ms since 1970. null before the start. */
  readonly startedAt: number | null
  /** Unit: ms since 1970. null while anything in it goes on. */
  readonly finishedAt: number | null
  readonly weight: number
  readonly estimatedMs: number | null
}

const SEGMENT = /^(?<name>.*?)(?:#(?<count>\d+))?(?:\[(?<item>.*)\])?$/s

/** Splits a key at the slashes that are not inside the brackets of an item. */
export function parseKey(key: string): readonly KeySegment[] {
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (let index = 0; index < key.length; index++) {
    const char = key[index]
    if (char === '[') depth++
    else if (char === ']') depth = Math.max(0, depth - 1)
    else if (char === '/' && depth === 0) {
      parts.push(key.slice(start, index))
      start = index + 1
    }
  }
  parts.push(key.slice(start))
  return parts.map(parseSegment)
}

function parseSegment(text: string): KeySegment {
  const groups = SEGMENT.exec(text)?.groups
  return { name: groups?.['name'] ?? text, count: Number(groups?.['count'] ?? 1), item: groups?.['item'] ?? null }
}

interface Draft {
  readonly key: string
  readonly label: string
  readonly isItem: boolean
  readonly children: Map<string, Draft>
  task: TaskView | null
}

/** The tasks of a run as a tree, in the order they started, with planned tasks that have not started at the end. */
export function buildTaskTree(
  tasks: Iterable<TaskView>,
  flow: FlowView | undefined,
  isFinal: boolean,
): readonly TaskNode[] {
  const root = draft('', '', false)
  for (const task of [...tasks].toSorted((a, b) => compareText(a.startedAt, b.startedAt))) place(root, task)
  const nodes = [...root.children.values()].map((one) => finish(one, 1))
  // After the end, a task that never ran was not needed; listing it as pending would be wrong.
  return isFinal || flow === undefined ? nodes : [...nodes, ...pending(flow, nodes)]
}

function place(root: Draft, task: TaskView): void {
  let parent = root
  let path = ''
  for (const { name, count, item } of parseKey(task.key)) {
    path += `${path === '' ? '' : '/'}${name}#${String(count)}`
    parent = child(parent, path, count > 1 ? `${name} ${String(count)}` : name, false)
    if (item === null) continue
    path += `[${item}]`
    parent = child(parent, path, item, true)
  }
  parent.task = task
}

function child(parent: Draft, key: string, label: string, isItem: boolean): Draft {
  const known = parent.children.get(key)
  if (known !== undefined) return known
  const made = draft(key, label, isItem)
  parent.children.set(key, made)
  return made
}

function draft(key: string, label: string, isItem: boolean): Draft {
  return { key, label, isItem, children: new Map(), task: null }
}

function finish({ key, label, isItem, children, task }: Draft, level: number): TaskNode {
  const [only] = children.values()
  // `map` over one task: a row per item says it all, a second row below each would only repeat the name of the task.
  if (isItem && task === null && children.size === 1 && only?.children.size === 0)
    return { ...finish(only, level), key, label }
  const nodes = [...children.values()].map((one) => finish(one, level + 1))
  const own = task === null ? summary(nodes) : times(task)
  return { key, label, level, task, children: nodes, ...own }
}

type Summary = Pick<TaskNode, 'status' | 'startedAt' | 'finishedAt' | 'weight' | 'estimatedMs'>

function times(task: TaskView): Summary {
  return {
    status: task.status,
    startedAt: Date.parse(task.startedAt),
    finishedAt: task.finishedAt === null ? null : Date.parse(task.finishedAt),
    weight: task.weight,
    estimatedMs: task.estimatedMs,
  }
}

const URGENCY = ['failed', 'retrying', 'running', 'waiting', 'sleeping', 'pending', 'succeeded'] as const

/** A group shows the state that needs attention most, and spans from its first start to its last end. */
function summary(nodes: readonly TaskNode[]): Summary {
  const starts = nodes.flatMap(({ startedAt }) => startedAt ?? [])
  const ends = nodes.map(({ finishedAt }) => finishedAt)
  return {
    status: URGENCY.find((status) => nodes.some((node) => node.status === status)) ?? 'pending',
    startedAt: starts.length === 0 ? null : starts.reduce((a, b) => Math.min(a, b)),
    finishedAt: ends.reduce((a, b) => (a === null || b === null ? null : Math.max(a, b))),
    weight: nodes.reduce((sum, { weight }) => sum + weight, 0),
    estimatedMs: null,
  }
}

function pending(flow: FlowView, nodes: readonly TaskNode[]): readonly TaskNode[] {
  const started = new Set<string>()
  const visit = ({ task, label, children }: TaskNode): void => {
    started.add(task?.name ?? label)
    children.forEach(visit)
  }
  nodes.forEach(visit)
  return flow.tasks
    .filter(({ name }) => !started.has(name))
    .map(({ name, weight, estimatedMs }) => ({
      key: `planned:${name}`,
      label: name,
      level: 1,
      task: null,
      children: [],
      status: 'pending',
      startedAt: null,
      finishedAt: null,
      weight,
      estimatedMs,
    }))
}

/** The rows that are visible when the given groups are folded. */
export function visibleRows(nodes: readonly TaskNode[], isFolded: (node: TaskNode) => boolean): readonly TaskNode[] {
  return nodes.flatMap((node) =>
    node.children.length === 0 || isFolded(node) ? [node] : [node, ...visibleRows(node.children, isFolded)],
  )
}

/**
 * Children from which on a group starts folded. Unit: rows.
 * More than a screenful hides the rows after the group, and those are the ones that come next.
 */
export const FOLD_FROM = 24

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
