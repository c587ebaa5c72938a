/*
 * Terminal escape sequences in log lines. Colours and weights become runs of text; everything else that would move a cursor, set
 * a title or make a link is dropped, so that a line can never show anything but its own text.
 */

/** A piece of text with one look. */
export interface AnsiRun {
  readonly text: string
  /** Range: 0..15 of the palette; -1 for the default; from 16 on, `16 + 0xRRGGBB`. */
  readonly foreground: number
  readonly background: number
  readonly isBold: boolean
  readonly isDim: boolean
  readonly isItalic: boolean
  readonly isUnderlined: boolean
  readonly isStruck: boolean
  readonly isInverse: boolean
}

type Look = Omit<AnsiRun, 'text'>

const PLAIN: Look = {
  foreground: -1,
  background: -1,
  isBold: false,
  isDim: false,
  isItalic: false,
  isUnderlined: false,
  isStruck: false,
  isInverse: false,
}

/** Control characters except tab, and the bidirectional overrides that make text read differently from what it is. */
const CONTROL = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/ // eslint-disable-line no-control-regex
const CONTROLS = new RegExp(CONTROL, 'g')
const BIDI = /[\u202A-\u202E\u2066-\u2069]/g

const SEQUENCE = new RegExp(
  [
    '\u001B\\[(?<parameters>[0-9;:]*)[ -/]*(?<final>[@-~])', // CSI
    '\u001B\\][^\u0007\u001B]*(?:\u0007|\u001B\\\\)?', // OSC: titles, links
    '\u001B[PX^_][^\u001B]*(?:\u001B\\\\)?', // DCS and other strings
    '\u001B[ -/]*[0-~]', // anything else
  ].join('|'),
  'g',
)

/** Splits a line into runs of one look. A carriage return overwrites what was before it, as in a terminal. */
export function parseAnsi(line: string): readonly AnsiRun[] {
  const text = line.includes('\r') ? overwritten(line) : line
  if (!CONTROL.test(text)) return [{ ...PLAIN, text }]
  const runs: AnsiRun[] = []
  let look = PLAIN
  let start = 0
  for (const match of text.matchAll(SEQUENCE)) {
    push(runs, look, text.slice(start, match.index))
    if (match.groups?.['final'] === 'm') look = restyle(look, match.groups['parameters'] ?? '')
    start = match.index + match[0].length
  }
  push(runs, look, text.slice(start))
  return runs
}

/** Only the text of a line. */
export function stripAnsi(line: string): string {
  return parseAnsi(line)
    .map(({ text }) => text)
    .join('')
}

function overwritten(line: string): string {
  const parts = line.split('\r')
  return parts.findLast((part) => part !== '') ?? ''
}

function push(runs: AnsiRun[], look: Look, raw: string): void {
  // Controls that are left are parts of sequences that were cut off.
  const text = raw.replace(BIDI, '\uFFFD').replace(CONTROLS, '')
  if (text !== '') runs.push({ ...look, text })
}

const SWITCHES: Readonly<Record<number, Partial<Look>>> = {
  0: PLAIN,
  1: { isBold: true },
  2: { isDim: true },
  3: { isItalic: true },
  4: { isUnderlined: true },
  7: { isInverse: true },
  9: { isStruck: true },
  22: { isBold: false, isDim: false },
  23: { isItalic: false },
  24: { isUnderlined: false },
  27: { isInverse: false },
  29: { isStruck: false },
  39: { foreground: -1 },
  49: { background: -1 },
}

function restyle(look: Look, parameters: string): Look {
  const codes = parameters.split(/[;:]/).map(Number)
  let next = look
  for (let index = 0; index < codes.length; index++) {
    const code = codes[index] ?? 0
    if (code === 38 || code === 48) {
      const { colour, length } = extended(codes.slice(index + 1))
      next = { ...next, [code === 38 ? 'foreground' : 'background']: colour }
      index += length
    } else next = { ...next, ...(SWITCHES[code] ?? palette(code)) }
  }
  return next
}

function palette(code: number): Partial<Look> {
  if (code >= 30 && code <= 37) return { foreground: code - 30 }
  if (code >= 90 && code <= 97) return { foreground: code - 82 }
  if (code >= 40 && code <= 47) return { background: code - 40 }
  if (code >= 100 && code <= 107) return { background: code - 92 }
  return {}
}

const CUBE = [0, 95, 135, 175, 215, 255]

/** Colours after 38 or 48: `5;n` of 256, or `2;r;g;b`. */
function extended([kind, ...values]: readonly number[]): { readonly colour: number; readonly length: number } {
  const byte = (index: number): number => (values[index] ?? 0) & 255
  if (kind === 2) return { colour: 16 + rgb(byte(0), byte(1), byte(2)), length: 4 }
  if (kind !== 5) return { colour: -1, length: 0 }
  const value = byte(0)
  if (value < 16) return { colour: value, length: 2 }
  if (value >= 232) {
    const grey = 8 + (value - 232) * 10
    return { colour: 16 + rgb(grey, grey, grey), length: 2 }
  }
  const level = (divisor: number): number => CUBE[Math.floor((value - 16) / divisor) % 6] ?? 0
  return { colour: 16 + rgb(level(36), level(6), level(1)), length: 2 }
}

function rgb(red: number, green: number, blue: number): number {
  return (red << 16) | (green << 8) | blue
}
