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
})
