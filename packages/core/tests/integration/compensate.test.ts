import { all, current, flow, FlowEngine, map, memoryStorage, scope, sleep, step, task, type Flow } from '@perfect/core'
import { afterEach, describe, expect, it } from 'vitest'

import { ManualClock } from '../../src/testing/manual-clock.ts'

const engines: FlowEngine[] = []
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.stop({ drainMs: 0 })))
})

function engineOf<R>(definition: Flow<void, R>) {
  const clock = new ManualClock()
  const options = { cancelGraceMs: 1000, compensateGraceMs: 60_000 }
  const engine = new FlowEngine({ storage: memoryStorage({ clock }), clock, ...options })
  engines.push(engine)
  engine.registerFlow(definition)
  return { engine, clock }
}

/** A task that can be taken back; it tells what was done and undone. */
function reservation(done: string[]) {
  return task(
    'reserve',
    {
      key: (name) => name,
      compensate: (ticket, name) => void done.push(`undo ${ticket} of ${name}`),
    },
    (name: string) => {
      done.push(name)
      return `ticket ${name}`
    },
  )
}

const failure = (message: string): Promise<never> => Promise.reject(new Error(message))

describe('a flow that fails', () => {
  it('takes back the tasks that succeeded, the last first, with result and arguments', async () => {
    const done: string[] = []
    const reserve = reservation(done)
    const trip = flow('trip', async () => {
      await reserve('hotel')
      await step('no undo', () => 1)
      await reserve('car')
      await step('pay', () => failure('no money'))
    })
    const { engine } = engineOf(trip)
    const run = await engine.triggerFlow(trip)
    await expect(run.result()).rejects.toThrow('no money')
    expect(done).toEqual(['hotel', 'car', 'undo ticket car of car', 'undo ticket hotel of hotel'])
    const { tasks, run: view } = await engine.getRunDetail(run.id)
    expect(view.error).toMatchObject({ message: 'no money' })
    const undone = tasks.filter(({ kind }) => kind === 'undo')
    expect(undone.map(({ key, name, status }) => `${key}, ${name}: ${status}`)).toEqual([
      'undo, undo: succeeded',
      'reserve[car]/undo, undo reserve: succeeded',
      'reserve[hotel]/undo, undo reserve: succeeded',
    ])
  })

  it('takes nothing back when the flow deals with the failure', async () => {
    const done: string[] = []
    const reserve = reservation(done)
    const trip = flow('trip', async () => {
      await reserve('hotel')
      await step('pay', () => failure('no money')).catch(() => undefined)
    })
    const { engine } = engineOf(trip)
    await (await engine.triggerFlow(trip)).result()
    expect(done).toEqual(['hotel'])
  })

  it('takes back what was done inside maps, scopes and branches, in the order of completion', async () => {
    const done: string[] = []
    const reserve = reservation(done)
    const trip = flow('trip', async () => {
      await map('seats', ['1', '2'], (seat) => reserve(`seat ${seat}`), { concurrency: 1 })
      await all({ outward: () => reserve('outward'), back: () => scope('inner', () => reserve('back')) })
      await step('pay', () => failure('no money'))
    })
    const { engine } = engineOf(trip)
    await expect((await engine.triggerFlow(trip)).result()).rejects.toThrow('no money')
    const [first, second, third, fourth, ...undone] = done
    expect([first, second, third, fourth]).toEqual(['seat 1', 'seat 2', 'outward', 'back'])
    expect(undone).toEqual(['back', 'outward', 'seat 2', 'seat 1'].map((name) => `undo ticket ${name} of ${name}`))
  })

  it('waits for what still runs, and takes it back too', async () => {
    const done: string[] = []
    const slow = task('slow', { compensate: () => void done.push('undo slow') }, async () => {
      await new Promise((resolve) => current().signal.addEventListener('abort', resolve))
      done.push('slow')
    })
    const trip = flow('trip', () => Promise.all([slow(), step('pay', () => failure('no money'))]))
    const { engine } = engineOf(trip)
    await expect((await engine.triggerFlow(trip)).result()).rejects.toThrow('no money')
    expect(done).toEqual(['slow', 'undo slow'])
  })

  it('keeps its error, and tells what could not be undone, after undoing the rest', async () => {
    const done: string[] = []
    const reserve = reservation(done)
    const stubborn = step
    const trip = flow('trip', async () => {
      await reserve('hotel')
      await stubborn('letter', { compensate: () => failure('it is in the post') }, () => 1)
      await reserve('car')
      await step('pay', () => failure('no money'))
    })
    const { engine } = engineOf(trip)
    const run = await engine.triggerFlow(trip)
    const error = await run.result().catch((thrown: unknown) => thrown)
    expect(error).toHaveProperty('message', 'no money')
    expect(error).toHaveProperty('details.compensation', {
      code: 'COMPENSATION_FAILED',
      message: `Not everything that run ${run.id} did was undone: letter#1 (it is in the post). Undo it by hand.`,
      runId: run.id,
      notUndone: [{ key: 'letter#1', reason: 'it is in the post' }],
    })
    expect(done).toEqual(['hotel', 'car', 'undo ticket car of car', 'undo ticket hotel of hotel'])
    const { tasks } = await engine.getRunDetail(run.id)
    expect(tasks.find(({ key }) => key === 'undo')).toMatchObject({
      status: 'failed',
      error: { code: 'COMPENSATION_FAILED' },
    })
    const { items } = await engine.getLogs(run.id, { minLevel: 'error' })
    expect(items.map(({ message }) => message)).toContain('undo letter failed: it is in the post')
  })

  it('tries a compensation again as the task says, and lets it tell progress and log', async () => {
    const attempts: string[] = []
    const options = {
      retry: { attempts: 3, backoff: '1s' },
      compensate: () => {
        const { attempt, idempotencyKey, log, progress } = current()
        attempts.push(`${String(attempt)} ${idempotencyKey}`)
        log.info('giving it back')
        progress(0.5, 'half')
        if (attempt < 3) throw new Error('not now')
      },
    } as const
    const trip = flow('trip', async () => {
      await step('hotel', options, () => 1)
      throw new Error('no')
    })
    const { engine, clock } = engineOf(trip)
    const run = await engine.triggerFlow(trip)
    await clock.advance(1500)
    expect((await engine.getRun(run.id)).status).toBe('running')
    await clock.advance(5000)
    expect((await engine.getRun(run.id)).status).toBe('failed')
    expect(attempts).toEqual([1, 2, 3].map((attempt) => `${String(attempt)} ${run.id}:hotel#1/undo`))
    const { items } = await engine.getLogs(run.id, { task: 'hotel#1/undo' })
    expect(items.filter(({ message }) => message === 'giving it back')).toHaveLength(3)
  })

  it('gives up when the time for undoing is over, and names what is left', async () => {
    const forever = (): Promise<void> => new Promise(() => undefined)
    const trip = flow('trip', async () => {
      await step('first', { compensate: () => undefined }, () => 1)
      await step('second', { compensate: forever }, () => 1)
      throw new Error('no')
    })
    const { engine, clock } = engineOf(trip)
    const run = await engine.triggerFlow(trip)
    await clock.advance(59_000)
    expect((await engine.getRun(run.id)).status).toBe('running')
    await clock.advance(2000)
    const error = await run.result().catch((thrown: unknown) => thrown)
    const reason = 'there was no time left'
    expect(error).toHaveProperty('details.compensation.notUndone', [
      { key: 'first#1', reason },
      { key: 'second#1', reason },
    ])
  })
})

describe('a run that is cancelled', () => {
  it('takes back what it did, and ends as cancelled', async () => {
    const done: string[] = []
    const reserve = reservation(done)
    const trip = flow('trip', async () => {
      await reserve('hotel')
      await sleep('2s')
      await reserve('car')
    })
    const { engine, clock } = engineOf(trip)
    const run = await engine.triggerFlow(trip)
    await clock.advance(100)
    await run.cancel('rain')
    await expect(run.result()).rejects.toMatchObject({ code: 'RUN_CANCELLED' })
    expect(done).toEqual(['hotel', 'undo ticket hotel of hotel'])
    expect(await engine.getRun(run.id)).toMatchObject({ status: 'cancelled', cancelReason: 'rain' })
  })

  it('takes back what it did before it was parked, in every branch', async () => {
    const done: string[] = []
    const reserve = reservation(done)
    const trip = flow('trip', async () => {
      await all({
        long: async () => {
          await reserve('hotel')
          await reserve('breakfast')
          await sleep('30d')
        },
        short: () => sleep('20d'),
      })
      await reserve('car')
    })
    const { engine, clock } = engineOf(trip)
    const run = await engine.triggerFlow(trip)
    await clock.advance(86_400_000)
    expect((await engine.getRun(run.id)).status).toBe('waiting')
    await run.cancel()
    await clock.advance(100)
    expect((await engine.getRun(run.id)).status).toBe('cancelled')
    const undone = ['undo ticket breakfast of breakfast', 'undo ticket hotel of hotel']
    expect(done).toEqual(['hotel', 'breakfast', ...undone])
  })

  it('ends at once when it was parked and there is nothing to take back', async () => {
    const nap = flow('nap', async () => {
      await step('first', () => 1)
      await sleep('30d')
    })
    const { engine, clock } = engineOf(nap)
    const run = await engine.triggerFlow(nap)
    await clock.advance(60_000)
    expect((await run.cancel()).status).toBe('cancelled')
  })

  it('takes back what it did also when the flow does not end by itself', async () => {
    const done: string[] = []
    const reserve = reservation(done)
    const stuck = flow('stuck', async () => {
      await reserve('hotel')
      await step('stuck', { compensate: () => undefined }, () => new Promise(() => undefined))
    })
    const { engine, clock } = engineOf(stuck)
    const run = await engine.triggerFlow(stuck)
    await clock.advance(10)
    await run.cancel()
    await clock.advance(2000)
    expect(done).toEqual(['hotel', 'undo ticket hotel of hotel'])
    const error = await run.result().catch((thrown: unknown) => thrown)
    expect(error).toHaveProperty('details.compensation.notUndone', [{ key: 'stuck#1', reason: 'it was still running' }])
  })

  it('keeps a flow from hanging the process that catches every refusal', async () => {
    const deaf = flow('deaf', async () => {
      for (;;) await sleep('1s').catch(() => undefined)
    })
    const { engine, clock } = engineOf(deaf)
    const run = await engine.triggerFlow(deaf)
    await clock.advance(10)
    await run.cancel()
    await clock.advance(2000)
    expect((await engine.getRun(run.id)).status).toBe('cancelled')
  })
})
