import axe from 'axe-core'
import { describe, expect, test } from 'vitest'
import { page } from 'vitest/browser'

import { FAILED_RUN, RICH_RUN, richData } from './fixture/rich-data.ts'
import { find, findAll, mount, settle, textOf, until } from './mount.ts'

const PAGES: readonly (readonly [name: string, path: string, marker: string])[] = [
  ['overview', '/', 'Recent runs'],
  ['flows', '/flows', 'nightly-ingest'],
  ['runs', '/runs', 'sync-crm'],
  ['run', `/runs/${RICH_RUN}`, '420 lines'],
  ['failed run', `/runs/${FAILED_RUN}`, 'upstream 503'],
  ['processes', '/processes', 'Training worker'],
]

const WIDTHS = [1440, 390] as const
const THEMES = ['light', 'dark'] as const
const CASES = PAGES.flatMap((one) => WIDTHS.flatMap((width) => THEMES.map((theme) => [...one, width, theme] as const)))

async function violations(root: Element): Promise<readonly string[]> {
  // Dialogs fade in; half-transparent text has no contrast.
  await until(() => findAll(root, 'dialog[open]').every((dialog) => getComputedStyle(dialog).opacity === '1'))
  const { violations: found } = await axe.run(root, { resultTypes: ['violations'] })
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${target.join(' ')} ${failureSummary ?? ''}`),
  )
}

describe('axe', () => {
  test.each(CASES)(
    'finds nothing on %s',
    async (_, path, marker, width, theme) => {
      document.documentElement.lang = 'en'
      const { dashboard } = await mount({ data: richData, path, width, theme, height: width === 390 ? 844 : 900 })
      await until(() => textOf(dashboard).includes(marker))
      await settle()
      stopSheen(dashboard)
      expect(await violations(dashboard)).toEqual([])
    },
    30_000,
  )

  test.each(THEMES)(
    'finds nothing in the dialogs, %s',
    async (theme) => {
      const { dashboard } = await mount({ data: richData, path: `/runs/${RICH_RUN}`, theme })
      stopSheen(dashboard)
      find(dashboard, 'main')?.focus()
      await page.getByRole('button', { name: 'Cancel', exact: true }).click()
      expect(await violations(dashboard)).toEqual([])
      await page.getByRole('button', { name: 'Keep running' }).click()
      location.hash = '/flows'
      await page.getByRole('button', { name: 'Run nightly-ingest' }).click()
      expect(await violations(dashboard)).toEqual([])
    },
    30_000,
  )

  test('finds nothing on an empty engine', async () => {
    const { dashboard } = await mount()
    expect(await violations(dashboard)).toEqual([])
  }, 30_000)
})

describe('reach', () => {
  test.each([320, 390, 700, 1000])('nothing is wider than a page of %i px', async (width) => {
    const { dashboard } = await mount({ data: richData, width })
    for (const [, path, marker] of PAGES) {
      location.hash = path
      await until(() => textOf(dashboard).includes(marker))
      await settle()
      const scroll = find(dashboard, '.scroll')
      expect([path, scroll?.scrollWidth, document.documentElement.scrollWidth]).toEqual([
        path,
        scroll?.clientWidth,
        width,
      ])
    }
  })

  test('every control has a name and room for a finger on a phone', async () => {
    const { dashboard } = await mount({ data: richData, width: 390, path: `/runs/${RICH_RUN}` })
    await until(() => textOf(dashboard).includes('nightly-ingest'))
    const small = findAll(dashboard, 'button, a')
      .filter((control) => control.checkVisibility() && control.getBoundingClientRect().height < 24)
      .map((control) => control.textContent)
    expect(small).toEqual([])
  })

  test('focus goes to the content of a page that was opened', async () => {
    const { dashboard } = await mount({ data: richData })
    await page.getByRole('link', { name: 'Flows' }).click()
    await until(() => find(dashboard, 'main:focus') !== null)
  })
})

/** Endless animations never finish; nothing else is changed. */
function stopSheen(dashboard: Element): void {
  for (const bar of findAll(dashboard, '.bar-live')) bar.classList.remove('bar-live')
}
