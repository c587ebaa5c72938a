/** What the world needs to know of an error code. */
interface CodeFacts {
  /** HTTP status the code is answered with. */
  readonly status: number
  /** Whether the same call can succeed later without being changed. */
  readonly retryable: boolean
  /** The problem in a few words; no values in it. */
  readonly title: string
}

const fact = (status: number, title: string, retryable = false): CodeFacts => ({ status, title, retryable })

/**
 * Every error code of Perfect. Codes are part of the API: they are added, never renamed or removed.
 * Each has a page in `docs/errors/`.
 */
export const ERROR_CODES = {
  BODY_TOO_LARGE: fact(413, 'The request body is too large'),
  CLIENT_ALREADY_RUNNING: fact(409, 'The client is already running'),
  CLIENT_NOT_FOUND: fact(404, 'No such client is declared'),
  CLIENT_START_FAILED: fact(500, 'The client could not be started'),
  CONFIGURATION_INVALID: fact(400, 'The configuration is not known'),
  CONTENT_TYPE_UNSUPPORTED: fact(415, 'The content type is not supported'),
  CRASH_LOOP: fact(500, 'The run crashed again and again without progress'),
  CURSOR_INVALID: fact(400, 'The cursor is not valid'),
  DURATION_INVALID: fact(400, 'The duration is not valid'),
  ENGINE_STOPPED: fact(503, 'The engine is stopped', true),
  FLOW_DEFINITION_INVALID: fact(400, 'The flow definition is not valid'),
  FLOW_DUPLICATE: fact(409, 'A flow of this name is already registered'),
  FLOW_NOT_FOUND: fact(404, 'No such flow is registered'),
  FORBIDDEN: fact(403, 'The caller may not do this'),
  HOST_NOT_ALLOWED: fact(403, 'The host name is not allowed'),
  IDEMPOTENCY_MISMATCH: fact(422, 'The idempotency key was used for another request'),
  INPUT_INVALID: fact(422, 'The input does not fit the flow'),
  INTERNAL: fact(500, 'Something went wrong inside Perfect'),
  JOURNAL_GAP: fact(409, 'Events are missing before these'),
  LEASE_LOST: fact(409, 'The run is held by someone else now'),
  LOG_INVALID: fact(400, 'The log lines are not valid'),
  MESSAGE_INVALID: fact(400, 'The worker message is not valid'),
  NOT_FOUND: fact(404, 'There is nothing here'),
  ORIGIN_NOT_ALLOWED: fact(403, 'The origin is not allowed'),
  PORT_IN_USE: fact(500, 'The port is in use'),
  PROTOCOL_UNSUPPORTED: fact(426, 'The worker protocol version is not supported'),
  REQUEST_INVALID: fact(400, 'The request is not valid'),
  REQUEST_MALFORMED: fact(400, 'The request body is not valid JSON'),
  RETRY_INVALID: fact(400, 'The retry policy is not valid'),
  RUN_CANCELLED: fact(409, 'The run was cancelled'),
  RUN_FINISHED: fact(409, 'The run has already ended'),
  RUN_NOT_FOUND: fact(404, 'No such run exists'),
  SCHEDULE_INVALID: fact(400, 'The schedule is not valid'),
  SESSION_NOT_FOUND: fact(404, 'No such worker session is open'),
  STORAGE_CORRUPT: fact(500, 'The storage holds something it should not'),
  STORAGE_TOO_NEW: fact(500, 'The storage was written by a newer version'),
  STORAGE_UNAVAILABLE: fact(503, 'The storage cannot be reached', true),
  TASK_DEFINITION_INVALID: fact(400, 'The task definition is not valid'),
  TASK_FAILED: fact(500, 'The task failed'),
  TASK_KEY_AMBIGUOUS: fact(500, 'Two task calls cannot be told apart on replay'),
  TASK_KEY_DUPLICATE: fact(500, 'The task key is already taken in this scope'),
  TASK_OUTSIDE_FLOW: fact(500, 'This call works only inside a flow'),
  TASK_TIMEOUT: fact(500, 'The task took too long', true),
  UNAUTHORIZED: fact(401, 'The caller is not known'),
  VALUE_UNSERIALIZABLE: fact(422, 'The value cannot be stored'),
  WEIGHT_INVALID: fact(400, 'The weight is not valid'),
  WORKER_SUPERSEDED: fact(409, 'A newer connection of this worker took over'),
} as const satisfies Record<string, CodeFacts>

/** A code of {@link ERROR_CODES}. */
export type ErrorCode = keyof typeof ERROR_CODES
