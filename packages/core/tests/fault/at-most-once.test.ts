import { current, flow, FlowEngine, memoryStorage, step, task, type Flow, type RunDetailView } from '@perfect/core'
import { describe, expect, it } from 'vitest'

import { ManualClock } from '../../src/testing/manual-clock.ts'
import { recover, runUntilFault } from './crashing-engine.ts'

/** A flow whose task may run once at most; it tells of each attempt that its code began. */
function payment(began: number[], attempts = 1) {
  const charge = task('charge', { idempotent: false, retry: { attempts, backoff: 1 } }, (amount: number) => {
    const { attempt } = current()
    began.push(attempt)
    if (attempt < attempts) throw new Error('declined')
    return amount
  })
  return flow('payment', async () => {
    const amount = await step('amount', () => 7)
    const paid = await charge(amount)
    return step('receipt', () => `paid ${String(paid)}`)
  })
}

describe('a task that is not idempotent', () => {
  it.each(['before', 'after'] as const)(
    'runs at most once when the process dies %s any commit, and never silently again',
    async (moment) => {
      const commits = await runUntilFault(memoryStorage(), payment([]), null)
      const outcomes = new Set<string>()
      for (let at = 1; at <= commits; at++) {
        const kept = memoryStorage()
        const began: number[] = []
        await runUntilFault(kept, payment(began), { at, kind: 'crash', moment })
        const before = began.length
        const detail = await recover(kept, payment(began))
        if (detail) outcomes.add(`${String(before)}, ${String(began.length)}: ${shown(detail)}`)
      }
      expect([...outcomes].toSorted((a, b) => a.localeCompare(b))).toEqual(
        [
          // Its start was not stored: it simply runs now.
          '0, 1: paid 7',
          // Its start is stored, and nobody knows what came then.
          moment === 'before' ? '1, 1: TASK_OUTCOME_UNKNOWN' : '0, 0: TASK_OUTCOME_UNKNOWN',
          // Its end is stored.
          '1, 1: paid 7',
        ].toSorted((a, b) => a.localeCompare(b)),
      )
    },
  )

  it.each(['before', 'after'] as const)(
    'begins each attempt at most once when the process dies %s any commit of its retries',
    async (moment) => {
      const commits = await runUntilFault(memoryStorage(), payment([], 3), null)
      for (let at = 1; at <= commits; at++) {
        const kept = memoryStorage()
        const began: number[] = []
        await runUntilFault(kept, payment(began, 3), { at, kind: 'crash', moment })
        await recover(kept, payment(began, 3))
        expect([at, began]).toEqual([at, [...new Set(began)].toSorted((a, b) => a - b)])
      }
    },
  )

  it('fails on replay with a message that names it and its start', async () => {
    const kept = memoryStorage()
    const began: number[] = []
    for (let at = 4; began.length === 0; at++)
      await runUntilFault(kept, payment(began), { at, kind: 'crash', moment: 'before' })
    const detail = await recover(kept, payment(began))
    expect(detail?.run.error?.message).toMatch(/"charge", started at 20\d\d-.*, was interrupted/)
    expect(detail?.tasks.find(({ name }) => name === 'charge')).toMatchObject({ status: 'failed', attempt: 1 })
  })
})

function shown({ run, result }: RunDetailView): string {
  return run.status === 'succeeded' ? String(result) : (run.error?.code ?? run.status)
}

describe('a task that is not idempotent and did not end by itself', () => {
  async function runOf<R>(definition: Flow<void, R>) {
    const clock = new ManualClock()
    const engine = new FlowEngine({ clock, storage: memoryStorage({ clock }), cancelGraceMs: 1000 })
    engine.registerFlow(definition)
    const run = await engine.triggerFlow(definition)
    await clock.advance(100)
    return { engine, run, clock }
  }

  it('fails as unknown after a timeout, without another attempt', async () => {
    const options = { idempotent: false, timeout: '1s', retry: { attempts: 5, backoff: 1 } } as const
    let attempts = 0
    const slow = flow('slow', () =>
      step('charge', options, () => {
        attempts++
        return new Promise(() => undefined)
      }),
    )
    const { engine, run, clock } = await runOf(slow)
    await clock.advance(10_000)
    const error = await run.result().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'TASK_OUTCOME_UNKNOWN' })
    expect(error).toHaveProperty('cause.code', 'TASK_TIMEOUT')
    expect(attempts).toBe(1)
    await engine.stop({ drainMs: 0 })
  })

  it('is shown as unknown in a run that was cancelled while it ran', async () => {
    const slow = flow('slow', () =>
      step('charge', { idempotent: false }, ({ signal }) => {
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('connection closed')))
        })
      }),
    )
    const { engine, run, clock } = await runOf(slow)
    await run.cancel()
    await clock.advance(2000)
    const { run: view, tasks } = await engine.getRunDetail(run.id)
    expect(view.status).toBe('cancelled')
    expect(tasks[0]).toMatchObject({ status: 'failed', error: { code: 'TASK_OUTCOME_UNKNOWN' } })
    await engine.stop({ drainMs: 0 })
  })
})
