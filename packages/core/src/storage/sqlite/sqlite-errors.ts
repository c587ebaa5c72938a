import { PerfectError } from '../../errors/perfect-error.ts'

// Primary result codes of SQLite. Source: https://www.sqlite.org/rescode.html
const BUSY = 5
const LOCKED = 6
const READONLY = 8
const IOERR = 10
const CORRUPT = 11
const FULL = 13
const CANTOPEN = 14
const NOTADB = 26

const ADVICE: ReadonlyMap<number, string> = new Map([
  [BUSY, 'Another process holds its write lock. End that process, or let it finish.'],
  [LOCKED, 'Another process holds its write lock. End that process, or let it finish.'],
  [READONLY, 'It may only be read. Give this process the right to write the file and its folder.'],
  [IOERR, 'Reading or writing failed. Check the disk and its free space.'],
  [FULL, 'The disk is full. Make space; nothing of the write was stored.'],
  [CANTOPEN, 'It cannot be opened. Check that the path names a file in a folder that this process may write.'],
])

/** What an error of SQLite or of the file system means for the caller. */
export function translateError(error: unknown, path: string): PerfectError {
  if (PerfectError.is(error)) return error
  const code = primaryCode(error)
  const details = { path, sqliteCode: code ?? null }
  if (code === CORRUPT || code === NOTADB)
    return new PerfectError(
      'STORAGE_CORRUPT',
      `The file "${path}" is ${code === NOTADB ? 'not a SQLite database' : 'damaged'}. Name another file, or restore it from a backup.`,
      { details, cause: error },
    )
  const advice = code === undefined ? fileSystemAdvice(error) : ADVICE.get(code)
  if (advice !== undefined)
    return new PerfectError('STORAGE_UNAVAILABLE', `The database "${path}" cannot be used. ${advice}`, {
      details,
      cause: error,
    })
  return new PerfectError('INTERNAL', `The database "${path}" refused a statement: ${String(error)}`, {
    details,
    cause: error,
  })
}

function primaryCode(error: unknown): number | undefined {
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) : undefined
  // The upper bits tell more about the same problem.
  return code === undefined ? undefined : code & 0xff
}

function fileSystemAdvice(error: unknown): string | undefined {
  const isFileSystemError = error instanceof Error && 'syscall' in error
  return isFileSystemError ? `Its folder cannot be made: ${error.message}` : undefined
}
