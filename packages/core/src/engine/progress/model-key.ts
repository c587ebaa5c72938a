import type { RunRecord } from '../../storage/records.ts'
import { versionFamily } from './version-family.ts'

/** What statistics belong to: they are never mixed over flows, families of versions or configurations. */
export interface ModelKey {
  readonly flowId: string
  readonly family: string
  readonly configuration: string
}

/** The statistics that a run belongs to. */
export function modelKeyOf({
  flowId,
  flowVersion,
  configuration,
}: Pick<RunRecord, 'flowId' | 'flowVersion' | 'configuration'>): ModelKey {
  return { flowId, family: versionFamily(flowVersion), configuration }
}
