import type { OpenMap, ProgressModel } from '../journal/progress.ts'

/** Tells progress of a map of the flow: an item is done when it has ended, whatever it came to. */
export class MapProgress {
  readonly #progress: ProgressModel
  readonly #map: OpenMap

  constructor(progress: ProgressModel, map: OpenMap) {
    this.#progress = progress
    this.#map = map
    progress.openMap(map)
  }

  /** Waits for an item and counts it. */
  async follow<R>(path: string, item: Promise<R>): Promise<R> {
    try {
      return await item
    } finally {
      this.#progress.finishItem(this.#map, path)
    }
  }

  /** No further item starts: what was announced and was not called will not be. */
  end(): void {
    this.#progress.closeMap(this.#map)
  }
}
