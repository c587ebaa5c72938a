/**
 * The dashboard of Perfect as web components. Importing this registers `<perfect-dashboard>` and `<perfect-progress>`; on a
 * server, where there are no custom elements, it registers nothing.
 *
 * @packageDocumentation
 */
import { defineElements } from './define.ts'

export { ApiError, type ApiErrorOptions, type FieldError } from './api/api-error.ts'
export type {
  ClientAction,
  DashboardClient,
  EngineInfo,
  LogQuery,
  RunQuery,
  StreamMessage,
  StreamRequest,
  TriggerRequest,
} from './api/dashboard-client.ts'
export { createHttpClient, type HttpClientOptions } from './api/http-client.ts'
export type { GetToken } from './controllers/shared-stores.ts'
export { PerfectDashboard } from './elements/perfect-dashboard/perfect-dashboard.ts'
export type { Theme } from './elements/perfect-dashboard/theme.ts'
export { PerfectProgress } from './elements/perfect-progress/perfect-progress.ts'

defineElements()
