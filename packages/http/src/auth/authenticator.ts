/** Everything a caller may be allowed to do; each route needs one of these. */
export const SCOPES = ['read', 'run', 'admin', 'worker'] as const

/**
 * What a caller may do. `read`: see flows, runs, logs and processes. `run`: trigger and cancel runs. `admin`: start and stop client
 * processes, register flows. `worker`: run flows for the engine. None contains another.
 */
export type Scope = (typeof SCOPES)[number]

/** Who calls. */
export interface Principal {
  /** Shown as the one who triggered a run. */
  readonly name: string
  readonly scopes: readonly Scope[]
}

/**
 * Port to the host's own sign-in: gives who sends a request, or null when that is not known. It must look at the headers only; the
 * body belongs to the route. Compare secrets with `crypto.timingSafeEqual`.
 */
export type Authenticator = (request: Request) => Principal | null | Promise<Principal | null>
