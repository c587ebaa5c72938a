/* How far users have looked, and what has happened since. */
import type { NewsQuery, PutSeen, SeenMark } from '../seen-records.ts'
import type { Database } from './database.ts'
import type { ShortReceipt } from './fence.ts'
import { IS_RARE_STATUS } from './run-lists.ts'

const PUT = `
  INSERT INTO seen (user, topic, until) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET until = max(until, excluded.until)`
const MARKS = 'SELECT user, topic, until FROM seen WHERE user = ? ORDER BY topic'
// By id, which is in an index: one by the end of a run would have to be kept with every run.
const countFailed = (ofFlows: string): string => `
  SELECT count(*) AS news
  FROM (SELECT finished_at FROM runs WHERE status = 'failed' AND ${IS_RARE_STATUS} ${ofFlows} ORDER BY id DESC LIMIT ?)
  WHERE finished_at > ?`
const countAlerts = (ofFlows: string): string => `
  SELECT count(*) AS news FROM (SELECT 1 FROM alerts WHERE created_at > ? ${ofFlows} LIMIT ?)`

/** Stores how far a user has seen a topic. */
export function putSeen(database: Database, { mark }: PutSeen): ShortReceipt {
  database.run(PUT, [mark.user, mark.topic, mark.until])
  return 1
}

/** The marks of a user. */
export function seenMarks(database: Database, user: string): readonly SeenMark[] {
  return database.all(MARKS, [user]).map((row) => ({ ...row }) as unknown as SeenMark)
}

/** How much has happened. */
export function countNews(database: Database, { topic, after, flowIds, limit }: NewsQuery): number {
  const ofFlows = flowIds === undefined ? '' : `AND flow_id IN (${flowIds.map(() => '?').join(', ')})`
  const cells = flowIds ?? []
  const row =
    topic === 'failures'
      ? database.first(countFailed(ofFlows), [...cells, limit, after])
      : database.first(countAlerts(ofFlows), [after, ...cells, limit])
  return Number(row?.['news'])
}
