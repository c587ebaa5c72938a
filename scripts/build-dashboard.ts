// Global setup of the tests that open the dashboard or start the example server: they need its bundle, and not while it is written.
import { buildDashboard } from './launch/dashboard.mjs'

/** Builds the bundle of the dashboard unless it is up to date. */
export function setup(): void {
  buildDashboard(process.execPath)
}
