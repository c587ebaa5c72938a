import type { LogRow } from '../../state/log-buffer.ts'
import { parseKey } from '../../state/task-tree.ts'
import { formatClockMs } from '../../text/time.ts'
import { parseAnsi, type AnsiRun } from './ansi.ts'

/** Longest text of a row in the page. Unit: characters. Browsers lay out longer lines in seconds, not milliseconds. */
const LONGEST = 16_384

/** Fills a row element. Only text nodes and spans: whatever a log line contains, it stays text. */
export function fillRow(element: HTMLElement, row: LogRow): Text[] {
  element.className = `row level-${row.level}${row.isContinued ? ' continued' : ''}`
  const number = span('number', row.isContinued ? '' : String(row.seq))
  const time = span('time', row.isContinued ? '' : formatClockMs(row.at))
  const level = span('level', row.isContinued ? '' : row.level.toUpperCase())
  const text = document.createElement('span')
  text.className = 'text'
  const nodes = parseAnsi(row.text.length > LONGEST ? `${row.text.slice(0, LONGEST)} …` : row.text).map((run) =>
    appendRun(text, run),
  )
  const task = row.task === null || row.isContinued ? [] : [span('task', taskName(row.task))]
  element.replaceChildren(number, time, level, ...task, text)
  return nodes
}

function span(name: string, content: string): HTMLSpanElement {
  const element = document.createElement('span')
  element.className = name
  element.textContent = content
  return element
}

/** The last part of a key says which task it is; the parts before it are the groups around it. */
function taskName(key: string): string {
  const last = parseKey(key).at(-1)
  if (last === undefined) return key
  return last.item ?? (last.count > 1 ? `${last.name} ${String(last.count)}` : last.name)
}

function appendRun(parent: HTMLElement, run: AnsiRun): Text {
  const node = document.createTextNode(run.text)
  const names = classesOf(run)
  const needsColour = run.foreground >= 16 || run.background >= 16
  if (names.length === 0 && !needsColour) parent.append(node)
  else {
    const element = document.createElement('span')
    element.className = names.join(' ')
    if (run.foreground >= 16) element.style.setProperty('color', hex(run.foreground))
    if (run.background >= 16) element.style.setProperty('background-color', hex(run.background))
    element.append(node)
    parent.append(element)
  }
  return node
}

function classesOf(run: AnsiRun): readonly string[] {
  const names: string[] = []
  if (run.foreground >= 0 && run.foreground < 16) names.push(`fg-${String(run.foreground)}`)
  if (run.background >= 0 && run.background < 16) names.push(`bg-${String(run.background)}`)
  if (run.isBold) names.push('bold')
  if (run.isDim) names.push('dim')
  if (run.isItalic) names.push('italic')
  if (run.isUnderlined) names.push('underlined')
  if (run.isStruck) names.push('struck')
  if (run.isInverse) names.push('inverse')
  return names
}

function hex(colour: number): string {
  return `#${(colour - 16).toString(16).padStart(6, '0')}`
}
