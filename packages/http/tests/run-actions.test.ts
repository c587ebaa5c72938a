import { RUN_STATUSES } from '@perfect/core'
import { SCOPES, type Scope } from '@perfect/http'
import { describe, expect, it } from 'vitest'

import { ACTIONS, detailOf, REQUESTS, RUNS, verdictOf, type RunCase } from './action-cases.ts'
import { startApi, type SampleApi } from './sample-api.ts'

const ONE_SLOT = { concurrency: 1 }

/** A router whose caller is Ann, with some scopes, and may do with flows what a rule says. */
async function apiOf(scopes: readonly Scope[], permit?: (action: string) => boolean): Promise<SampleApi> {
  const rules = permit === undefined ? {} : { permit: ({ action }: { readonly action: string }) => permit(action) }
  return startApi({ authenticate: () => ({ name: 'ann', scopes }), ...rules }, ONE_SLOT)
}

/** Holds what is told beforehand against what each action answers, each on a run of its own. */
async function prove(start: () => Promise<SampleApi>, { status, make }: RunCase): Promise<readonly string[]> {
  const refused: string[] = []
  for (const action of ACTIONS) {
    const api = await start()
    const id = await make(api)
    const { run, can } = await detailOf(api, id)
    expect(run.status).toBe(status)
    const answer = await verdictOf(await REQUESTS[action](api, `/engine/runs/${id}`))
    expect({ action, says: can[action] }).toEqual({ action, says: answer })
    if (!answer.ok) refused.push(`${action} ${answer.code}`)
    await api.engine.stop({ drainMs: 0 })
  }
  return refused
}

describe('can of GET /engine/runs/:runId', () => {
  it('is proved for runs of every status', () => {
    const made = new Set<string>(Object.values(RUNS).map(({ status }) => status))
    expect(RUN_STATUSES.filter((status) => !made.has(status))).toEqual([])
  })

  it.each(Object.entries(RUNS))('says of a run %s what each action then answers', async (_name, one) => {
    expect(await prove(() => startApi({}, ONE_SLOT), one)).not.toHaveLength(ACTIONS.length)
  })

  it.each<readonly Scope[][]>([
    [['read']],
    [['read', 'run']],
    [['read', 'admin']],
    [['read', 'worker']],
    [[...SCOPES]],
  ])('counts the scopes of who asks: %s', async (scopes = []) => {
    const refused = [
      ...(await prove(() => apiOf(scopes), RUNS['that has failed'])),
      ...(await prove(() => apiOf(scopes), RUNS['that runs'])),
    ]
    const mayNot = refused.filter((one) => one.endsWith('FORBIDDEN')).length
    expect(mayNot).toBe((scopes.includes('run') ? 0 : 14) + (scopes.includes('admin') ? 0 : 2))
  })

  it('counts the rules of the host for each action', async () => {
    const forbidden = new Set(['retry', 'pause', 'remove'])
    const start = (): Promise<SampleApi> => apiOf(SCOPES, (asked) => !forbidden.has(asked))
    expect(await prove(start, RUNS['that has failed'])).toEqual([
      'cancel RUN_FINISHED',
      'pause FLOW_NOT_PERMITTED',
      'resume RUN_FINISHED',
      'retry FLOW_NOT_PERMITTED',
      'retryFromStart FLOW_NOT_PERMITTED',
      'signal RUN_FINISHED',
      'remove FLOW_NOT_PERMITTED',
    ])
  })

  it('names the scope that is missing before anything of the run', async () => {
    const api = await apiOf(['read'])
    const { can } = await detailOf(api, await RUNS['that has failed'].make(api))
    expect(can.retry).toEqual({ ok: false, code: 'FORBIDDEN', why: expect.stringContaining('scope "run"') as string })
    expect(can.cancel).toEqual(can.retry)
    expect(can.remove).toMatchObject({ code: 'FORBIDDEN', why: expect.stringContaining('scope "admin"') as string })
  })

  it('does not tell who may not read them which flows there are', async () => {
    const api = await startApi({ permit: ({ flow }) => flow === 'failing' }, ONE_SLOT)
    const { can } = await detailOf(api, await RUNS['of a flow that is gone'].make(api))
    expect(can.retry).toMatchObject({ code: 'FLOW_NOT_FOUND' })
    expect(JSON.stringify(can)).not.toContain('endless')
  })

  it('changes the tag of the answer when something else can be done', async () => {
    const scopes: Scope[] = ['read']
    const api = await startApi({ authenticate: () => ({ name: 'ann', scopes }) }, ONE_SLOT)
    const path = `/engine/runs/${await RUNS['that was cancelled'].make(api)}`
    const etag = (await api.get(path)).headers.get('etag') ?? ''
    expect((await api.get(path, { 'if-none-match': etag })).status).toBe(304)
    scopes.push('run')
    expect((await api.get(path, { 'if-none-match': etag })).status).toBe(200)
  })
})
