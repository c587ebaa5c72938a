// No file over 300 lines, no function over 60: TypeScript, JavaScript and Python. There is no list of exceptions.
import ts from 'typescript'

import { report, sourceFiles, type SourceFile } from './source-files.ts'

const MAX_FILE_LINES = 300
const MAX_FUNCTION_LINES = 60

interface FunctionSize {
  readonly name: string
  readonly line: number
  readonly lines: number
}

const lineCount = (text: string): number => text.split('\n').length - (text.endsWith('\n') ? 1 : 0)

function scriptFunctions(file: SourceFile): FunctionSize[] {
  const source = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true)
  const found: FunctionSize[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined && !isTestGroup(node)) {
      const line = source.getLineAndCharacterOfPosition(node.getStart()).line
      const last = source.getLineAndCharacterOfPosition(node.getEnd()).line
      found.push({ name: nameOf(node), line: line + 1, lines: last - line + 1 })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

// `describe('x', () => { ... })` groups functions; it does nothing itself.
function isTestGroup(node: ts.Node): boolean {
  const { parent } = node
  return ts.isCallExpression(parent) && /^describe\b/u.test(parent.expression.getText())
}

function nameOf(node: ts.SignatureDeclaration): string {
  if (node.name !== undefined) return node.name.getText()
  const { parent } = node
  return ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) ? parent.name.getText() : 'function'
}

const indentOf = (line: string): number => line.length - line.trimStart().length

function pythonFunctions(file: SourceFile): FunctionSize[] {
  const lines = file.text.split('\n')
  return lines.flatMap((line, index) => {
    const name = /^\s*(?:async )?def (\w+)/u.exec(line)?.[1]
    if (name === undefined) return []
    const rest = lines.slice(index + 1)
    // A bracket at the indentation of `def` closes its parameters.
    const end = rest.findIndex(
      (next) => next.trim() !== '' && indentOf(next) <= indentOf(line) && !/^\s*\)/u.test(next),
    )
    const body = end === -1 ? rest : rest.slice(0, end)
    const last = body.findLastIndex((next) => next.trim() !== '')
    return [{ name, line: index + 1, lines: last + 2 }]
  })
}

const problems = sourceFiles('.ts', '.mjs', '.py').flatMap((file) => {
  const lines = lineCount(file.text)
  const functions = file.path.endsWith('.py') ? pythonFunctions(file) : scriptFunctions(file)
  const long = functions.filter((one) => one.lines > MAX_FUNCTION_LINES)
  return [
    ...(lines > MAX_FILE_LINES ? [`${file.path}: ${String(lines)} lines`] : []),
    ...long.map((one) => `${file.path}:${String(one.line)}: ${one.name} has ${String(one.lines)} lines`),
  ]
})
report(
  problems,
  `A file has at most ${String(MAX_FILE_LINES)} lines and a function at most ${String(MAX_FUNCTION_LINES)}: find the part that wants its own name.`,
)
