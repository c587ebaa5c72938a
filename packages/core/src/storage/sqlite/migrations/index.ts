import { initial } from './0001-initial.ts'
import { statistics } from './0002-statistics.ts'
import { alerts } from './0003-alerts.ts'
import { audit } from './0004-audit.ts'
import { views } from './0005-views.ts'
import { seen } from './0006-seen.ts'
import { toldAlerts } from './0007-told-alerts.ts'

/** SQL of every schema version: the n-th leads from version n - 1 to n. What was published is never edited; changes are added. */
export const MIGRATIONS: readonly string[] = [initial, statistics, alerts, audit, views, seen, toldAlerts]
