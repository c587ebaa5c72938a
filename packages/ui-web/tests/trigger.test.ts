import { describe, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'

import { makeFlow } from './fixture/make.ts'
import { richData } from './fixture/rich-data.ts'
import { find, mount, textOf, until } from './mount.ts'

describe('trigger dialog', () => {
  test('starts a run with a configuration and the values of the form, and opens it', async () => {
    const { dashboard, engine } = await mount({ data: richData, path: '/flows' })
    await page.getByRole('button', { name: 'Run nightly-ingest' }).click()
    await page.getByRole('textbox', { name: 'Source' }).fill('s3://other')
    await page.getByRole('switch', { name: 'Dry run' }).click()
    await page.getByText('debug', { exact: true }).last().click()
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await until(() => location.hash.startsWith('#/runs/run_'))
    expect(engine.commands).toMatchObject([
      {
        flowId: 'nightly-ingest',
        configuration: 'debug',
        input: { source: 's3://other', date: '2026-11-22', mode: 'merge', chunkSize: 5000, dryRun: true },
      },
    ])
    await until(() => textOf(dashboard).includes('nightly-ingest') && find(dashboard, 'dialog[open]') === null)
  })

  test('shows what the server refused at its field', async () => {
    const { dashboard } = await mount({ data: richData, path: '/flows' })
    await page.getByRole('button', { name: 'Run nightly-ingest' }).click()
    await page.getByLabelText('Chunk size').fill('250000')
    await userEvent.keyboard('{Enter}')
    await until(() => textOf(dashboard).includes('Must be 100,000 or less.'))
    const field = page.getByLabelText('Chunk size').element()
    expect(field.getAttribute('aria-invalid')).toBe('true')
    const root = field.getRootNode() as ShadowRoot
    expect(root.getElementById(field.getAttribute('aria-describedby') ?? '')?.textContent).toBe(
      'Must be 100,000 or less.',
    )
  })

  test('takes JSON for a flow without a simple schema, and says what is wrong with it', async () => {
    const { dashboard, engine } = await mount({ data: { flows: [makeFlow({ name: 'etl' })] } })
    await page.getByRole('button', { name: 'Run flow' }).click()
    await page.getByLabelText('Input').fill('{ "a": ')
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await until(() => textOf(dashboard).includes('REQUEST_MALFORMED'))
    expect(engine.commands).toEqual([])
    await page.getByLabelText('Input').fill('{ "a": 1 }')
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await until(() => engine.commands.length === 1)
    expect(engine.commands).toMatchObject([{ input: { a: 1 }, configuration: 'release' }])
  })

  test('sends no input when nothing was written', async () => {
    const { engine } = await mount({ data: { flows: [makeFlow({ name: 'etl' })] } })
    await page.getByRole('button', { name: 'Run flow' }).click()
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await until(() => engine.commands.length === 1)
    expect(engine.commands[0]).not.toHaveProperty('input')
  })

  test('offers every flow when none was chosen, and warns when no worker would take the run', async () => {
    const { dashboard } = await mount({ data: richData })
    await page.getByRole('button', { name: 'Run flow' }).click()
    await page.getByRole('combobox', { name: 'Flow' }).selectOptions('ML Training')
    await until(() => textOf(dashboard).includes('No worker is online for this flow.'))
  })
})
