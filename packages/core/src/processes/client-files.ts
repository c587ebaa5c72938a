/*
 * What a client has written, and which process it has, in files: so that both are known to the next life of the host.
 *
 * The newest lines are in `<id>.log`, older ones in `<id>.1.log` to `<id>.4.log`, each line a JSON object. Nothing waits for them: when
 * the disk is slow or full, lines are left out, which the gap in their numbers shows.
 */
import { appendFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { hashText } from '../primitives/fingerprint.ts'
import type { ClientLogView } from './client-view.ts'

/** The largest size of a file before another one is begun. Unit: bytes. */
export const MAX_FILE_BYTES: number = 5 * 1024 * 1024
const OLDER_FILES = 4
const MAX_WAITING_CHARS = 8 * 1024 * 1024
// Output may hold secrets.
const OWNER_ONLY = { mode: 0o600 }
const LINE_BREAK = '\n'

/** What {@link ClientFiles} works with. */
export interface ClientFilesOptions {
  readonly folder: string
  readonly clientId: string
  /** Hears of the first of errors in a row. */
  readonly report: (error: unknown, doing: string) => void
}

/** The files of one client. */
export class ClientFiles {
  readonly #options: ClientFilesOptions
  readonly #name: string
  #waiting: string[] = []
  #waitingChars = 0
  #writing: Promise<void> | null = null
  #size = 0
  #isFailing = false

  constructor(options: ClientFilesOptions) {
    this.#options = options
    this.#name = fileName(options.clientId)
  }

  /** The last lines of the lives before, oldest first. */
  async open(maxLines: number): Promise<readonly ClientLogView[]> {
    const lines: ClientLogView[] = []
    try {
      await mkdir(this.#options.folder, { recursive: true, mode: 0o700 })
      for (let age = 0; age <= OLDER_FILES && lines.length < maxLines; age++) {
        const text = await readText(this.#log(age))
        if (age === 0) await this.#mend(text)
        lines.unshift(...parseLines(text).slice(lines.length - maxLines))
      }
    } catch (error) {
      this.#failed(error)
    }
    return lines
  }

  /** Adds lines, soon. */
  append(lines: readonly ClientLogView[]): void {
    for (const line of lines) {
      const text = JSON.stringify(line) + LINE_BREAK
      if (this.#waitingChars + text.length > MAX_WAITING_CHARS) break
      this.#waiting.push(text)
      this.#waitingChars += text.length
    }
    this.#writing ??= this.#write().finally(() => (this.#writing = null))
  }

  /** All lines so far are written, or could not be. */
  async settled(): Promise<void> {
    await this.#writing
  }

  /** Every line that is kept, oldest first, file by file. */
  async *all(): AsyncGenerator<readonly ClientLogView[], void, undefined> {
    await this.settled()
    for (let age = OLDER_FILES; age >= 0; age--) {
      const lines = parseLines(await readText(this.#log(age)))
      if (lines.length > 0) yield lines
    }
  }

  /** The process of the life before, as its adapter names it; null when it has ended. */
  async readProcess(): Promise<string | null> {
    return (await readText(this.#path('process')).catch(() => '')) || null
  }

  /** Notes the process that runs now. */
  async noteProcess(identity: string | null): Promise<void> {
    try {
      if (identity === null) await rm(this.#path('process'), { force: true })
      else await writeFile(this.#path('process'), identity, OWNER_ONLY)
    } catch (error) {
      this.#failed(error)
    }
  }

  // A host that was killed may have written half a line: the next one begins anew.
  async #mend(text: string): Promise<void> {
    this.#size = Buffer.byteLength(text)
    if (text !== '' && !text.endsWith(LINE_BREAK)) await appendFile(this.#log(0), LINE_BREAK, OWNER_ONLY)
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const text = this.#waiting.splice(0).join('')
      this.#waitingChars = 0
      try {
        await appendFile(this.#log(0), text, OWNER_ONLY)
        this.#isFailing = false
        this.#size += Buffer.byteLength(text)
        if (this.#size >= MAX_FILE_BYTES) await this.#rotate()
      } catch (error) {
        this.#failed(error)
      }
    }
  }

  async #rotate(): Promise<void> {
    for (let age = OLDER_FILES; age > 0; age--)
      await rename(this.#log(age - 1), this.#log(age)).catch((error: unknown) => {
        if (!isMissing(error)) throw error
      })
    this.#size = 0
  }

  #failed(error: unknown): void {
    const { report, folder, clientId } = this.#options
    if (!this.#isFailing) report(error, `keeping the output of client "${clientId}" in ${folder}`)
    this.#isFailing = true
  }

  #log(age: number): string {
    return this.#path(age === 0 ? 'log' : `${String(age)}.log`)
  }

  #path(suffix: string): string {
    return join(this.#options.folder, `${this.#name}.${suffix}`)
  }
}

const MAX_NAME_CHARS = 60

// An id may be no file name; the hash keeps two of them apart that look the same without their special characters.
function fileName(id: string): string {
  const name = id.replaceAll(/[^\w-]/g, '_').slice(0, MAX_NAME_CHARS)
  return name === id ? id : `${name}-${hashText(id).slice(0, 8)}`
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return ''
    throw error
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

function parseLines(text: string): readonly ClientLogView[] {
  return text.split(LINE_BREAK).flatMap((line) => parseLine(line) ?? [])
}

// What somebody else has put into the file is left out.
function parseLine(text: string): ClientLogView | undefined {
  try {
    const line = JSON.parse(text) as ClientLogView
    return Number.isSafeInteger(line.seq) && typeof line.text === 'string' ? line : undefined
  } catch {
    return undefined
  }
}
