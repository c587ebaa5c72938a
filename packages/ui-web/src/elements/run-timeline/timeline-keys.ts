import type { TaskNode } from '../../state/task-tree.ts'

/** Rows that Page Up and Page Down move by. */
const PAGE = 12

/**
 * What a key does in the tree: the index of the row to go to, folding or unfolding, choosing, or nothing (null).
 *
 * Source: ARIA Authoring Practices, treegrid pattern with row focus.
 */
export function rowAfterKey(
  key: string,
  rows: readonly TaskNode[],
  index: number,
  isFolded: boolean,
): number | 'toggle' | 'choose' | null {
  const node = rows[index]
  const within = (to: number): number => Math.min(rows.length - 1, Math.max(0, to))
  const isGroup = node !== undefined && node.children.length > 0
  switch (key) {
    case 'ArrowDown':
      return within(index + 1)
    case 'ArrowUp':
      return within(index - 1)
    case 'PageDown':
      return within(index + PAGE)
    case 'PageUp':
      return within(index - PAGE)
    case 'Home':
      return 0
    case 'End':
      return rows.length - 1
    case 'ArrowRight':
      if (!isGroup) return null
      return isFolded ? 'toggle' : within(index + 1)
    case 'ArrowLeft':
      return isGroup && !isFolded ? 'toggle' : parentOf(rows, index)
    case 'Enter':
      return node?.task === null ? 'toggle' : 'choose'
    default:
      return null
  }
}

function parentOf(rows: readonly TaskNode[], index: number): number | null {
  const level = rows[index]?.level ?? 1
  const parent = rows.slice(0, index).findLastIndex((row) => row.level < level)
  return parent === -1 ? null : parent
}
