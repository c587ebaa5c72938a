// The same piece of code in two places: a concept that wants a name. Compares tokens, so that layout and comments do not count.
import ts from 'typescript'

import { report, sourceFiles, type SourceFile } from './source-files.ts'

// Shorter runs are idioms (an error with its options, a loop), longer ones are copies.
const MIN_TOKENS = 90

interface Token {
  readonly text: string
  readonly line: number
}
interface Place {
  readonly file: number
  readonly start: number
}

function scriptTokens(text: string): Token[] {
  const source = ts.createSourceFile('', text, ts.ScriptTarget.Latest)
  const lines = source.getLineStarts()
  const tokens: Token[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return
    const children = node.getChildren(source)
    if (children.length > 0) return children.forEach(visit)
    const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line
    const word = node.getText(source)
    if (word !== '' && lines.length > 0) tokens.push({ text: word, line: line + 1 })
  }
  visit(source)
  return tokens
}

const PYTHON_TOKEN = /#.*|"""[^]*?"""|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\w+|[^\s\w]/gu

// Overloads of Python repeat the parameters of a function: the language wants it so.
const PYTHON_SIGNATURE = /^ *(?:async )?def \w+\([^]*?\)(?: -> .*)?:/gmu

function pythonTokens(file: string): Token[] {
  const text = file.replaceAll(PYTHON_SIGNATURE, (signature) => signature.replaceAll(/[^\n]/gu, ' '))
  let line = 1
  let last = 0
  return [...text.matchAll(PYTHON_TOKEN)].flatMap((match) => {
    line += text.slice(last, match.index).split('\n').length - 1
    last = match.index
    const isNoise = match[0].startsWith('#') || match[0].startsWith('"""')
    return isNoise ? [] : [{ text: match[0], line }]
  })
}

const files = sourceFiles('.ts', '.mjs', '.py').filter((file) => !file.path.endsWith('.d.ts'))
const tokens = files.map((file: SourceFile) => (file.path.endsWith('.py') ? pythonTokens : scriptTokens)(file.text))
const tokenAt = (place: Place, offset: number): string | undefined => tokens[place.file]?.[place.start + offset]?.text

/** Number of tokens that two places have in common. */
function commonLength(a: Place, b: Place): number {
  let length = 0
  while (tokenAt(a, length) !== undefined && tokenAt(a, length) === tokenAt(b, length)) length += 1
  return a.file === b.file ? Math.min(length, Math.abs(b.start - a.start)) : length
}

const describePlace = (place: Place): string =>
  `${files[place.file]?.path ?? ''}:${String(tokens[place.file]?.[place.start]?.line ?? 0)}`

function findCopies(): string[] {
  const seen = new Map<string, Place>()
  const found: string[] = []
  for (const [file, words] of tokens.entries()) {
    for (let start = 0; start + MIN_TOKENS <= words.length; start += 1) {
      const key = words
        .slice(start, start + MIN_TOKENS)
        .map((word) => word.text)
        .join(' ')
      const here = { file, start }
      const first = seen.get(key)
      if (first === undefined) {
        seen.set(key, here)
        continue
      }
      const length = commonLength(first, here)
      if (length < MIN_TOKENS) continue
      found.push(`${describePlace(here)} repeats ${describePlace(first)} (${String(length)} tokens)`)
      start += length - 1
    }
  }
  return found
}

report(findCopies(), 'Give the common part a name and one place.')
