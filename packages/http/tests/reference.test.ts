import { describe, expect, it } from 'vitest'

import { referencePages, type ReferenceDocument } from '../scripts/reference-pages.ts'
import { ROUTES } from '../src/route-table.ts'
import { document } from './contract.ts'

const pages = referencePages(document as unknown as ReferenceDocument)
const all = [...pages.values()].join('\n')

describe('the reference of the HTTP API', () => {
  it.each(Object.entries(ROUTES))('tells what %s does, needs, takes and answers', (name, { method, path }) => {
    const shown = `${method.toUpperCase()} ${path.replaceAll(/:(\w+)/g, '{$1}')}`
    const section = all.split('\n## ').find((text) => text.includes(`{#${name}}`)) ?? ''
    expect(section).toContain(`\`${shown}\``)
    expect(section).toMatch(/\n(Needs `|Public\.)/)
    expect(section).toContain('| Status | Body |')
    expect(pages.get('index.md')).toContain(`#${name})`)
  })

  it('has no link that leads nowhere and no word that is missing', () => {
    const targets = new Set(
      [...(pages.get('schemas.md') ?? '').matchAll(/^## (\w+)$/gm)].map(([, name = '']) => name.toLowerCase()),
    )
    const links = [...all.matchAll(/\]\(schemas\.md#(\w+)\)/g)].map(([, name = '']) => name)
    expect(links.length).toBeGreaterThan(100)
    expect(links.filter((name) => !targets.has(name))).toEqual([])
    expect(all).not.toMatch(/undefined|\[object/)
  })
})
