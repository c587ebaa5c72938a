import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { root, sourceFiles } from '../source-files.ts'

const ROOT_PAGES = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'AGENTS.md', 'SECURITY.md']
const pages = [
  ...ROOT_PAGES.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') })),
  ...sourceFiles('.md').filter((file) => file.path.startsWith('docs/')),
]

// What a path may begin at.
const BASES = ['.', 'packages', 'packages/core/src']

// `core/src/index.ts`, `scripts/check.ts`: a path between backticks, with a folder and an ending.
const NAMED = /`((?:[\w.-]+\/)+[\w.-]+\.(?:ts|mjs|py|json|md))`/gu
const LINKED = /\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/gu

// `| I4  | …` and `| F-12 …`: a rule or a fault that a test has in its title.
const NUMBERED = /^\| (I\d+|F-\d+)\b(.*)$/gmu

describe('documentation', () => {
  it('names only files that exist', () => {
    const missing = pages.flatMap(({ path, text }) =>
      [...text.matchAll(NAMED)]
        .map(([, name = '']) => name)
        .filter((name) => !BASES.some((base) => existsSync(join(root, base, name))))
        .map((name) => `${path}: ${name}`),
    )
    expect(missing).toEqual([])
  })

  it('links only to files that exist', () => {
    const broken = pages.flatMap(({ path, text }) =>
      [...text.matchAll(LINKED)]
        .map(([, target = '']) => target)
        .filter((target) => !existsSync(join(root, dirname(path), target)))
        .map((target) => `${path}: ${target}`),
    )
    expect(broken).toEqual([])
  })

  it.each(['ARCHITECTURE.md', 'docs/design/faults.md'])('names tests with their numbers in %s', (path) => {
    const text = pages.find((page) => page.path === path)?.text ?? ''
    const rows = [...text.matchAll(NUMBERED)].map(([, number = '', row = '']) => ({ number, files: namesIn(row) }))
    expect(rows.length).toBeGreaterThan(10)
    const unproven = rows.filter(
      ({ number, files }) => files.length > 0 && !files.some((file) => hasTitle(file, number)),
    )
    expect(unproven.map(({ number }) => number)).toEqual([])
  })
})

function namesIn(text: string): readonly string[] {
  return [...text.matchAll(NAMED)].map(([, name = '']) => name)
}

function hasTitle(file: string, number: string): boolean {
  const base = BASES.find((candidate) => existsSync(join(root, candidate, file))) ?? '.'
  return new RegExp(`['\`](?:[A-Z\\d-]+ )*${number}[ :]`, 'u').test(readFileSync(join(root, base, file), 'utf8'))
}
