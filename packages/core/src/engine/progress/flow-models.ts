/*
 * What is known from past runs, for each flow, family of versions and configuration. Loaded when it is asked for, fed after runs have
 * ended, written now and then. The stored rows are a cache: what is missing is made again from the runs themselves.
 */
import type { GroupCommit } from '../../journal/group-commit.ts'
import type { Clock } from '../../primitives/clock.ts'
import type { Change } from '../../storage/changes.ts'
import type { RunRecord } from '../../storage/records.ts'
import type { Storage } from '../../storage/storage.ts'
import type { ErrorReporter } from '../event-bus.ts'
import type { FlowModel } from './flow-model.ts'
import { forecaster } from './forecaster.ts'
import { modelKeyOf, type ModelKey } from './model-key.ts'

interface ModelParts {
  readonly storage: Storage
  readonly commit: GroupCommit
  readonly clock: Clock
  readonly report: ErrorReporter
}

interface Entry {
  readonly key: ModelKey
  readonly loading: Promise<FlowModel | null>
  model: FlowModel | null
  isDirty: boolean
}

type RunOfFlow = Pick<RunRecord, 'flowId' | 'flowVersion' | 'configuration'>

// Some ten megabytes; who has more flows than this reads some of them again.
const MAX_MODELS = 500
// A crash loses what was learned in this time, and nothing else.
const WRITE_EVERY_MS = 10_000

/** The statistics of all flows of an engine. */
export class FlowModels {
  readonly #parts: ModelParts
  readonly #entries = new Map<string, Entry>()
  #stopWriting: (() => void) | null = null
  #isClosed = false

  constructor(parts: ModelParts) {
    this.#parts = parts
  }

  /** What is known now; null while it is not loaded: then it is loaded, for the next time. */
  peek(run: RunOfFlow): FlowModel | null {
    const known = this.#entries.get(textOf(modelKeyOf(run)))
    if (known === undefined) void this.load(run)
    return known?.model ?? null
  }

  /** What is known; null while the storage is away. Never rejects. */
  load(run: RunOfFlow): Promise<FlowModel | null> {
    const key = modelKeyOf(run)
    const text = textOf(key)
    const known = this.#entries.get(text)
    // As long as there is room, nobody has to go.
    if (known !== undefined && this.#entries.size < MAX_MODELS / 2) return known.loading
    // The last ones stay: those that were asked for longest ago go first.
    this.#entries.delete(text)
    const entry = known ?? this.#open(key)
    this.#entries.set(text, entry)
    if (this.#entries.size > MAX_MODELS) this.#forgetOldest()
    return entry.loading
  }

  /** Something was learned: it is to be stored some time. */
  learned(run: RunOfFlow): void {
    const entry = this.#entries.get(textOf(modelKeyOf(run)))
    if (entry === undefined || this.#isClosed) return
    entry.isDirty = true
    this.#stopWriting ??= this.#parts.clock.setTimer(WRITE_EVERY_MS, () => void this.#write())
  }

  /** Stores what was learned and not stored yet. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#write()
  }

  #open(key: ModelKey): Entry {
    const entry: Entry = {
      key,
      model: null,
      isDirty: false,
      loading: this.#read(key).then((model) => {
        entry.model = model
        // Asked again the next time.
        if (model === null && this.#entries.get(textOf(key)) === entry) this.#entries.delete(textOf(key))
        return model
      }),
    }
    return entry
  }

  async #read(key: ModelKey): Promise<FlowModel | null> {
    const { storage, commit, report } = this.#parts
    const { FlowModel, learnHistory } = forecaster()
    try {
      const stored = await storage.estimates.get(key)
      return (stored && FlowModel.load(stored.state)) ?? (await learnHistory(this.#parts, key))
    } catch (error) {
      if (!commit.isClosed) report(error, `reading what is known of flow ${key.flowId}`)
      return null
    }
  }

  #forgetOldest(): void {
    const [oldest] = this.#entries
    if (oldest === undefined) return
    this.#entries.delete(oldest[0])
    if (oldest[1].isDirty) void this.#store([oldest[1]])
  }

  async #write(): Promise<void> {
    this.#stopWriting?.()
    this.#stopWriting = null
    await this.#store([...this.#entries.values()].filter(({ isDirty }) => isDirty))
  }

  async #store(entries: readonly Entry[]): Promise<void> {
    const { commit, clock, report } = this.#parts
    const changes = entries.flatMap(({ key, model }): Change[] =>
      model === null ? [] : [{ type: 'estimate.put', model: { ...key, state: model.save(), updatedAt: clock.now() } }],
    )
    for (const entry of entries) entry.isDirty = false
    if (changes.length === 0) return
    try {
      await commit.append(changes, 'impatient')
    } catch (error) {
      // A cache: what was learned since is learned again from the next runs.
      if (!commit.isClosed) report(error, 'storing what was learned from past runs')
    }
  }
}

function textOf({ flowId, family, configuration }: ModelKey): string {
  return `${flowId}\n${family}\n${configuration}`
}
