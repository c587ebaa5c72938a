/* Runs a program with the real primitives, and tells what its flow sees and which attempts start. */
import {
  all,
  approval,
  current,
  flow,
  map,
  PerfectError,
  scope,
  sleep,
  step,
  task,
  waitFor,
  type Flow,
  type FlowOptions,
} from '@perfect/core'

import { childInput, failedItem, join, mix, payloadOf } from './outcome.ts'
import { policyOptions } from './policies.ts'
import type { Program, ProgramNode, StepNode } from './program.ts'

/** One stretch of a run in one process. */
export interface Stretch {
  readonly runId: string
  readonly epoch: number
}

/** The process that a program runs in. */
export interface ProgramHost {
  /** Takes time of the process; never ends once the process is dead. */
  work(ms: number): Promise<void>
  /** An attempt of a task starts. */
  attemptStarted(stretch: Stretch, key: string, attempt: number): void
  /** Which of the runs it is that are made of one, when it fails. Range: >= 1. */
  attemptOf(runId: string): number
  /** Flow code has got to know something; `index` counts what this stretch has seen. */
  saw(stretch: Stretch, index: number, what: string): void
}

// Far more than any attempt works, so that only attempts that are meant to are too late.
const TIMEOUT_MARGIN_MS = 3000
const TOO_LONG_MS = 600_000

/** Flows that run programs; those that are called come before those that call them. */
export function programFlows(
  programs: readonly Program[],
  host: ProgramHost,
  startAt: number,
): readonly Flow<number, number>[] {
  const flows = new Map<string, Flow<number, number>>()
  for (const program of programs) {
    const options = policyOptions(program.policy, startAt)
    flows.set(program.name, programFlow(program, { host, flows, options }))
  }
  return [...flows.values()]
}

type Flows = ReadonlyMap<string, Flow<number, number>>

interface FlowParts {
  readonly host: ProgramHost
  readonly flows: Flows
  readonly options: FlowOptions<number>
}

function programFlow(program: Program, { host, flows, options }: FlowParts): Flow<number, number> {
  return flow(program.name, options, (input: number) => {
    const { runId, attempt } = current()
    return new ProgramRun(host, { runId, epoch: attempt }, flows).evaluate(program.body, input)
  })
}

class ProgramRun {
  readonly #host: ProgramHost
  readonly #stretch: Stretch
  readonly #flows: Flows
  #seen = 0

  constructor(host: ProgramHost, stretch: Stretch, flows: Flows) {
    this.#flows = flows
    this.#host = host
    this.#stretch = stretch
  }

  async evaluate(node: ProgramNode, value: number): Promise<number> {
    switch (node.kind) {
      case 'step':
        return this.#step(node, value)
      case 'sequence': {
        let last = value
        for (const part of node.nodes) last = await this.evaluate(part, last)
        return last
      }
      case 'sleep':
        await sleep(node.ms)
        this.#saw(`${node.id} over`)
        return value
      case 'scope':
        return scope(node.id, () => this.evaluate(node.body, value))
      case 'all': {
        const branches = node.branches.map((branch, index) => [`b${String(index)}`, () => this.evaluate(branch, value)])
        const results = await all(Object.fromEntries(branches) as Record<string, () => Promise<number>>)
        return join(node.id, Object.values(results))
      }
      case 'map':
        return this.#map(node, value)
      case 'burst':
        return this.#burst(node, value)
      case 'guarded':
        try {
          return await this.evaluate(node.body, value)
        } catch (error) {
          const isTheEnd = PerfectError.is(error, 'RUN_CANCELLED') || PerfectError.is(error, 'RUN_TIMEOUT')
          if (isTheEnd || !(error instanceof Error)) throw error
          return mix(error.message, value)
        }
      case 'log':
        current().log.info(node.id)
        return value
      case 'signal': {
        const payload = await waitFor<number>(node.id)
        this.#saw(`${node.id} ${String(payload)}`)
        return mix(node.id, value ^ (payload ?? 0))
      }
      case 'approval': {
        const decision = await approval(node.id)
        this.#saw(`${node.id} ${String(decision?.approved)}`)
        return mix(node.id, value ^ (decision?.approved ? payloadOf(node.id) : 0))
      }
      case 'child': {
        const result = await this.#flows.get(node.program.name)?.(childInput(value))
        this.#saw(`${node.id} = ${String(result)}`)
        return mix(node.id, result ?? 0)
      }
      case 'cached':
        return this.#cached(node, value)
      case 'fragile':
        return this.#fragile(node.id, value)
      case 'throw':
        throw new Error(node.id)
      default:
        throw new TypeError('unknown part of a program')
    }
  }

  async #cached(node: ProgramNode & { readonly kind: 'cached' }, value: number): Promise<number> {
    const options = { cache: { key: () => node.id, ttl: '1h' } } as const
    const kept = await step(node.id, options, async () => {
      this.#started()
      await this.#host.work(node.workMs)
      return payloadOf(node.id)
    })
    this.#saw(`${node.id} = ${String(kept)}`)
    return mix(node.id, value ^ kept)
  }

  async #fragile(id: string, value: number): Promise<number> {
    try {
      return await step(id, () => {
        this.#started()
        if (this.#host.attemptOf(this.#stretch.runId) === 1) throw new Error(id)
        return mix(id, value)
      })
    } catch (error) {
      if (PerfectError.is(error)) throw error
      throw new Error(id, { cause: error })
    }
  }

  async #burst(node: ProgramNode & { readonly kind: 'burst' }, value: number): Promise<number> {
    const call = task(node.id, async (item: number) => {
      this.#started()
      await this.#host.work(node.workMs)
      return mix(node.id, value + item)
    })
    return join(node.id, await Promise.all(Array.from({ length: node.count }, (_, item) => call(item))))
  }

  async #map(node: ProgramNode & { readonly kind: 'map' }, value: number): Promise<number> {
    const items = Array.from({ length: node.items }, (_, item) => item)
    const key = { key: (item: number): string => `item ${String(item)}` }
    const options = { concurrency: node.concurrency, ...(node.isKeyed && key) }
    const body = (item: number): Promise<number> => this.evaluate(node.body, mix(String(item), value))
    const { failing } = node
    if (failing === null) return join(node.id, await map(node.id, items, body, options))
    const failingBody = async (item: number): Promise<number> => {
      const result = await body(item)
      if (failing.includes(item)) throw new Error(node.id)
      return result
    }
    const settled = await map(node.id, items, failingBody, { ...options, settle: true })
    return join(
      node.id,
      settled.map((one, item) => (one.ok ? one.value : failedItem(node.id, item))),
    )
  }

  async #step(node: StepNode, value: number): Promise<number> {
    const options = {
      retry: { attempts: node.attempts, backoff: node.backoffMs },
      ...(node.failsBy === 'timeout' && { timeout: node.workMs + TIMEOUT_MARGIN_MS }),
      ...(node.mode === 'once' && { idempotent: false }),
      ...(node.places !== null && { concurrency: { limit: node.places } }),
      ...(node.mode === 'undoable' && { compensate: () => this.#undo(node) }),
    }
    let last = value
    for (let call = 0; call < node.repeat; call++) {
      const before = last
      try {
        last = await step(node.id, options, () => this.#attempt(node, before))
      } catch (error) {
        if (node.mode === 'once' && PerfectError.is(error, 'TASK_OUTCOME_UNKNOWN')) {
          // Whether it was done or not, the flow goes on in the same way.
          this.#saw(`${node.id} unknown`)
          last = mix(node.id, before)
          continue
        }
        if (PerfectError.is(error) && error.code !== 'TASK_TIMEOUT') throw error
        this.#saw(`${node.id} failed`)
        throw new Error(node.id, { cause: error })
      }
      this.#saw(`${node.id} = ${String(last)}`)
    }
    return last
  }

  async #attempt(node: StepNode, value: number): Promise<number> {
    const { attempt } = this.#started()
    const isBad = attempt <= node.failures
    await this.#host.work(isBad && node.failsBy === 'timeout' ? TOO_LONG_MS : node.workMs)
    if (isBad) throw new Error(`${node.id} fails`)
    return mix(node.id, value)
  }

  async #undo(node: StepNode): Promise<void> {
    this.#started()
    await this.#host.work(node.workMs)
  }

  #started(): { readonly attempt: number } {
    const { key, attempt } = current()
    this.#host.attemptStarted(this.#stretch, key, attempt)
    return { attempt }
  }

  #saw(what: string): void {
    this.#host.saw(this.#stretch, this.#seen++, what)
  }
}
