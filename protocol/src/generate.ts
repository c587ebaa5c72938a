// Writes the documents of the protocol: `npm --prefix protocol run generate`. With --check it only compares.
import { readFileSync, writeFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'

import { asyncApi, jsonSchema } from './documents.ts'

const DOCUMENTS = { 'worker.v1.schema.json': jsonSchema(), 'asyncapi.worker.v1.json': asyncApi() }

for (const [name, content] of Object.entries(DOCUMENTS)) {
  const file = new URL(`../${name}`, import.meta.url)
  if (!process.argv.includes('--check')) writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`)
  else if (!isDeepStrictEqual(JSON.parse(readFileSync(file, 'utf8')), content)) {
    console.log(`${name} is not what the schemas say: npm --prefix protocol run generate`)
    process.exitCode = 1
  }
}
