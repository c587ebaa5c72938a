import type { Change } from '../storage/changes.ts'
import type { Storage } from '../storage/storage.ts'

/** A call on its way to a storage. */
export interface StorageCall {
  /** For people: `commit`, `open`, `close`, or group and name of a read: `runs.get`. */
  readonly name: string
  /** What a commit is to store; null for every other call. */
  readonly changes: readonly Change[] | null
}

/** Stands between an engine and its storage: decides whether, when and how often a call goes on, and what is answered. */
export type StorageInterceptor = <T>(call: StorageCall, proceed: () => Promise<T>) => Promise<T>

type Method = (...args: readonly unknown[]) => Promise<unknown>

/** A storage each call of which goes through `intercept`. */
export function interceptStorage(storage: Storage, intercept: StorageInterceptor): Storage {
  const groups = Object.entries(storage).filter(([, member]) => typeof member === 'object')
  const wrapped = groups.map(([group, reads]) => [group, interceptGroup(group, reads as object, intercept)] as const)
  return {
    ...storage,
    ...Object.fromEntries(wrapped),
    name: storage.name,
    capabilities: storage.capabilities,
    open: () => intercept({ name: 'open', changes: null }, () => storage.open()),
    commit: (changes) => intercept({ name: 'commit', changes }, () => storage.commit(changes)),
    close: () => intercept({ name: 'close', changes: null }, () => storage.close()),
  }
}

function interceptGroup(group: string, reads: object, intercept: StorageInterceptor): object {
  const methods = Object.entries(reads).map(([method, read]) => {
    const name = `${group}.${method}`
    return [
      method,
      (...args: readonly unknown[]) => intercept({ name, changes: null }, () => (read as Method)(...args)),
    ] as const
  })
  return Object.fromEntries(methods)
}
