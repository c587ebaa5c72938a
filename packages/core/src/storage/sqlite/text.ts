/*
 * SQLite keeps text as UTF-8, which has no place for half a surrogate pair: it would come back as U+FFFD. And Node 22 cuts text at a NUL.
 * Such text is kept as a marker and its JSON, where both are written as \uXXXX. Text that begins with the marker is kept in the same way,
 * so nothing is ambiguous.
 */
const MARKER = '\u0010'
const MARKER_CODE = 0x10

/** Text as SQLite can keep it. */
export function encodeText(text: string): string {
  if (text.isWellFormed() && text.charCodeAt(0) !== MARKER_CODE && !text.includes('\0')) return text
  return MARKER + JSON.stringify(text)
}

/** Text made by {@link encodeText} as it was. */
export function decodeText(stored: string): string {
  return stored.charCodeAt(0) === MARKER_CODE ? (JSON.parse(stored.slice(1)) as string) : stored
}
