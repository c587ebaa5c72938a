/* What things are, before and after something is done to them: the fields that somebody may change. */
import { PerfectError, type FlowEngine } from '@perfect/core'

import { flowsIn } from '../engine/flows-in-view.ts'
import { flowIdOf } from '../permit/guard-route.ts'
import type { Values } from './hidden-values.ts'

/** Things that are looked at. */
export type SnapshotKind = 'flow' | 'run' | 'schedule' | 'alert' | 'view' | 'worker' | 'client'

/** A thing as it is. */
export interface Snapshot {
  readonly id: string
  readonly flowId: string | null
  readonly values: Values
}

type Look = (engine: FlowEngine, id: string) => Snapshot | Promise<Snapshot>

const LOOKS: Readonly<Record<SnapshotKind, Look>> = {
  flow(engine, idOrName) {
    const { id, version, description, tags, tasks, inputSchema, configurations } = engine.getFlow(idOrName)
    return { id, flowId: id, values: { version, description, tags, tasks, inputSchema, configurations } }
  },
  async run(engine, runId) {
    const { id, flowId, status, pausedAt, cancelRequestedAt, cancelReason } = await engine.getRun(runId)
    return { id, flowId, values: { status, pausedAt, cancelRequestedAt, cancelReason } }
  },
  async schedule(engine, scheduleId) {
    // Not what passes by itself.
    const {
      revision: _,
      handledAt: _at,
      flowName: _name,
      nextAt: _next,
      nextNote: _note,
      ...schedule
    } = await engine.schedules.get(scheduleId)
    return { id: schedule.id, flowId: schedule.flowId, values: { ...schedule } }
  },
  async alert(engine, alertId) {
    const { id, flowId, state, maxAttempts } = await engine.getAlert(alertId)
    return { id, flowId, values: { state, maxAttempts } }
  },
  async view(engine, viewId) {
    const view = await engine.views.get(viewId, { name: null, isAdmin: true })
    const { id, name, filter, display, isShared, owner } = view
    // Who may not read a flow is not told of views that name it.
    const flow = flowsIn(view)[0]
    const flowId = flow === undefined ? null : flowIdOf(engine, flow)
    return { id, flowId, values: { name, filter, display, isShared, owner } }
  },
  worker(engine, workerId) {
    const { id, status } = engine.workers.get(workerId)
    return { id, flowId: null, values: { status } }
  },
  client(engine, clientId) {
    const clients = engine.processes.status().filter(({ id }) => clientId === '' || id === clientId)
    return {
      id: clientId,
      flowId: null,
      values: Object.fromEntries(clients.map(({ id, status }) => [id, status])),
    }
  },
}

/** A thing as it is now; null when it is not there. */
export async function look(engine: FlowEngine, kind: SnapshotKind, id: string): Promise<Snapshot | null> {
  try {
    return await LOOKS[kind](engine, id)
  } catch (error) {
    if (PerfectError.is(error) && error.code.endsWith('_NOT_FOUND')) return null
    throw error
  }
}

/** The flow that a thing belongs to which is not there yet, or not any more. */
export function flowOfMissing(engine: FlowEngine, kind: SnapshotKind, id: string): string | null {
  return kind === 'flow' && id !== '' ? flowIdOf(engine, id) : null
}
