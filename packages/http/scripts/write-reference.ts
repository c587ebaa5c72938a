// Writes the reference of the HTTP API into the site of the documentation: docs/http-api.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'

import { FlowEngine } from '@perfect/core'
import { createPerfectRouter } from '@perfect/http'

import { referencePages, type ReferenceDocument } from './reference-pages.ts'

const folder = new URL('../../../docs/http-api/', import.meta.url)
const response = await createPerfectRouter(new FlowEngine()).request('/openapi.json')
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
for (const [name, text] of referencePages((await response.json()) as ReferenceDocument))
  writeFileSync(new URL(name, folder), text)
