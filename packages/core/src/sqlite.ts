/**
 * Durable storage in one SQLite file, with nothing to install.
 *
 * @packageDocumentation
 */
export { sqliteStorage, type SqliteStorageOptions } from './storage/sqlite/index.ts'
