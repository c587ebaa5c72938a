import type { Program, ProgramNode, StepMode } from './program.ts'

/** Names of the tasks of a kind in some programs. */
export function tasksOf(programs: readonly Program[], mode: StepMode): ReadonlySet<string> {
  return new Set(
    programs
      .flatMap(({ body }) => partsOf(body))
      .flatMap((part) => (part.kind === 'step' && part.mode === mode ? [part.id] : [])),
  )
}

/** A part of a program and all parts in it. */
export function partsOf(node: ProgramNode): readonly ProgramNode[] {
  if (node.kind === 'sequence') return [node, ...node.nodes.flatMap(partsOf)]
  if (node.kind === 'all') return [node, ...node.branches.flatMap(partsOf)]
  return 'body' in node ? [node, ...partsOf(node.body)] : [node]
}
