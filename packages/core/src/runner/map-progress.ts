import type { MapItem, OpenMap, ProgressModel } from '../journal/progress.ts'
import type { RunJournal } from '../journal/run-journal.ts'

/** Tells progress of a map of the flow. */
export interface MapProgress {
  /** Waits for an item and counts it: it is done when it has ended, whatever it came to. */
  follow<R>(path: string, item: Promise<R>): Promise<R>
  /** No further item starts: what was announced and was not called will not be. */
  end(): void
}

/** @param item The item of another map that this one is in. */
export function followMap(journal: RunJournal, map: OpenMap, item: MapItem | null): MapProgress {
  const { progress } = journal
  if (!isReplayed(journal, map)) journal.foundTasks.add(map.count)
  if (item !== null) return insideItem(progress, map, item)
  progress.openMap(map)
  return {
    follow: async (path, operation) => {
      try {
        return await operation
      } finally {
        progress.finishItem(map, path)
      }
    },
    end: () => progress.closeMap(map),
  }
}

function insideItem(progress: ProgressModel, { count }: OpenMap, item: MapItem): MapProgress {
  progress.openInside(item, count)
  return { follow: (_path, operation) => operation, end: () => progress.closeInside(item) }
}

// What was found before the run was taken up again is no news.
function isReplayed({ records, run }: RunJournal, { path }: OpenMap): boolean {
  if (run.epoch === 1) return false
  const start = `${path}[`
  for (const key of records.keys()) if (key.startsWith(start)) return true
  return false
}
