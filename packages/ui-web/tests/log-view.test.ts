import { describe, expect, onTestFinished, test } from 'vitest'

import '../src/index.ts'
import type { LogView } from '../src/elements/log-view/log-view.ts'
import { LogBuffer } from '../src/state/log-buffer.ts'
import { makeLine } from './fixture/make.ts'
import { find, findAll, settle, until } from './mount.ts'

async function mountLog(count: number): Promise<{ view: LogView; buffer: LogBuffer }> {
  const buffer = new LogBuffer()
  buffer.append(Array.from({ length: count }, (_, index) => makeLine({ seq: index + 1 })))
  const view = document.createElement('perfect-log-view') as LogView
  view.buffer = buffer
  view.style.setProperty('height', '180px')
  document.body.append(view)
  onTestFinished(() => {
    view.remove()
  })
  await view.updateComplete
  return { view, buffer }
}

const shown = (view: LogView): readonly string[] =>
  findAll(view, '.row')
    .filter((row) => !row.hidden)
    .toSorted((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
    .map((row) => find(row, '.text')?.textContent ?? '')

describe('<perfect-log-view>', () => {
  test('has only the visible rows of a hundred thousand in the page', async () => {
    const { view } = await mountLog(100_000)
    await until(() => shown(view).includes('line 100000'))
    expect(findAll(view, '.row').length).toBeLessThan(40)
  })

  test('follows the end until the viewer scrolls up', async () => {
    const { view, buffer } = await mountLog(200)
    await until(() => shown(view).includes('line 200'))
    buffer.append([makeLine({ seq: 201 })])
    view.refresh()
    await until(() => shown(view).includes('line 201'))
    find(view, '.view')?.scrollTo(0, 900)
    await until(() => !view.follow && shown(view).includes('line 51'))
    const before = shown(view)
    buffer.append([makeLine({ seq: 202 })])
    view.refresh()
    await settle()
    expect(shown(view)).toEqual(before)
  })

  test('stays where it is when earlier rows are added', async () => {
    const { view, buffer } = await mountLog(0)
    buffer.append(Array.from({ length: 100 }, (_, index) => makeLine({ seq: 101 + index })))
    view.follow = false
    view.refresh()
    await until(() => shown(view).includes('line 101'))
    view.shift(buffer.prepend(Array.from({ length: 100 }, (_, index) => makeLine({ seq: index + 1 }))))
    await settle()
    await settle()
    expect(shown(view).at(5)).toBe('line 102')
  })

  test('finds whatever the case, goes there and marks it', async () => {
    const { view, buffer } = await mountLog(500)
    buffer.append([makeLine({ seq: 501, message: 'The \u001B[31mNeedle\u001B[0m' })])
    expect(view.find('needle')).toEqual([500])
    expect(view.find('LINE 25')).toEqual([24, 249, 250, 251, 252, 253, 254, 255, 256, 257, 258])
    view.reveal(250)
    await until(() => find(view, '.marked .text')?.textContent === 'line 251')
    expect(view.follow).toBe(false)
  })

  test('reaches the last of rows that are taller together than browsers allow', async () => {
    const { view, buffer } = await mountLog(0)
    buffer.append([makeLine({ seq: 1, message: 'x\n'.repeat(99_999) }), makeLine({ seq: 2, message: 'the end' })])
    view.refresh()
    await until(() => shown(view).includes('the end'))
  })
})
