import type { FlowDefinition } from '../definition/flow.ts'
import { policyOf, toRemoteDefinition, type FlowRegistration } from '../definition/remote-flow.ts'
import { toScheduleOptions } from '../definition/schedules/schedule-json.ts'
import type { ScheduleOptions } from '../definition/schedules/schedule-options.ts'
import type { Schedule } from '../definition/schedules/schedule.ts'
import type { Storage } from '../storage/storage.ts'
import type { EngineParts } from './engine-parts.ts'

/** Stores a definition without code, so that it is known after a restart. */
export async function storeFlow({ commit, clock }: EngineParts, definition: FlowDefinition): Promise<void> {
  const { id, name, version } = definition
  const flow = { id, name, version, definition: JSON.stringify(toRegistration(definition)), registeredAt: clock.now() }
  await commit.append([{ type: 'flow.put', flow }], 'impatient')
}

/** The definitions without code that were stored. */
export async function loadRemoteFlows(storage: Storage): Promise<readonly FlowDefinition[]> {
  const records = await storage.flows.list()
  return records.map(({ definition }) => toRemoteDefinition(JSON.parse(definition) as FlowRegistration))
}

/** What a definition without code is stored as. */
export function toRegistration(definition: FlowDefinition): FlowRegistration {
  const { id, name, version, description, tags, schedules, plan, inputSchema } = definition
  return {
    ...policyOf(definition),
    id,
    name,
    version,
    tags,
    tasks: plan.map(({ name: task, weight, estimatedMs }) => ({
      name: task,
      weight,
      ...(estimatedMs !== null && { estimatedTime: estimatedMs }),
    })),
    ...(description !== null && { description }),
    ...(schedules.length > 0 && { schedules: schedules.map((one) => toStored(one, id)) }),
    ...(inputSchema && { inputSchema }),
  }
}

// Input of definitions without code came as JSON.
function toStored(schedule: Schedule, flowId: string): ScheduleOptions {
  const { input } = schedule
  return { ...toScheduleOptions(schedule, flowId), ...(input !== undefined && { input }) }
}
