/*
 * Where a request comes from: which host name it was sent to, and which web page sent it. Header values are an attacker's to choose, so
 * nothing here throws anything but the refusal.
 */
import { PerfectError } from '@perfect/core'

/** Which names and pages a router answers. */
export interface SourceOptions {
  /**
   * Host names that the API is reached by, with or without a port; without one any port fits. `"any"` switches the check off; do that
   * only behind something that checks the name itself. Default: `localhost`, `127.0.0.1` and `[::1]`, so that a web page whose name
   * was pointed at this machine (DNS rebinding) reaches nothing.
   */
  readonly allowedHosts?: 'any' | readonly string[]
  /** Origins of other web pages that may read answers (CORS, without cookies) and change something, such as `https://ops.example.com`. Default: none but the API's own. */
  readonly allowedOrigins?: readonly string[]
}

const LOOPBACK_NAMES: readonly string[] = ['localhost', '127.0.0.1', '[::1]']

/** Refuses requests that were sent to a name that is not ours. */
export function createHostCheck({ allowedHosts = LOOPBACK_NAMES }: SourceOptions): (request: Request) => void {
  if (allowedHosts === 'any') return () => undefined
  const allowed = new Set(allowedHosts.map((host) => parseHost(host)?.host ?? host))
  // Nearly all requests name the same host; reading it costs more than all other checks.
  let lastAllowed: string | null = null
  return (request) => {
    const host = hostOf(request)
    if (host === lastAllowed) return
    const url = parseHost(host)
    if (url && (allowed.has(url.hostname) || allowed.has(url.host))) {
      lastAllowed = host
      return
    }
    throw new PerfectError(
      'HOST_NOT_ALLOWED',
      `The host name ${JSON.stringify(host.slice(0, 200))} is not allowed. Use one of ${[...allowed].join(', ')}, or add it to "allowedHosts" of the router.`,
      { details: { host: host.slice(0, 200) } },
    )
  }
}

/** Refuses changes that a foreign web page asks for in the name of its visitor. Callers that are no browsers send no origin. */
export function createOriginCheck({ allowedOrigins = [] }: SourceOptions): (request: Request) => void {
  const allowed = new Set(allowedOrigins.map((origin) => parseOrigin(origin) ?? origin))
  return (request) => {
    const origin = request.headers.get('origin')
    const isCrossSite = request.headers.get('sec-fetch-site')?.toLowerCase() === 'cross-site'
    if (origin === null && !isCrossSite) return
    const parsed = origin === null ? undefined : parseOrigin(origin)
    if (parsed !== undefined && allowed.has(parsed)) return
    if (parsed !== undefined && !isCrossSite && isSameHost(parsed, hostOf(request))) return
    throw new PerfectError(
      'ORIGIN_NOT_ALLOWED',
      `A page of ${JSON.stringify((origin ?? 'another site').slice(0, 200))} may not do this. Add its origin to "allowedOrigins" of the router when it is yours.`,
      { details: { origin: origin?.slice(0, 200) ?? null } },
    )
  }
}

// HTTP/2 and tests have the name only in the URL.
function hostOf(request: Request): string {
  return request.headers.get('host') ?? new URL(request.url).host
}

/** The host as URLs write it, so that `[0:0:0:0:0:0:0:1]` is `[::1]`; undefined for what is more or less than a host. */
function parseHost(host: string): URL | undefined {
  if (!/^[^\s/\\?#@]+$/.test(host)) return undefined
  const url = URL.parse(`http://${host}`)
  return url === null || url.hostname === '' ? undefined : url
}

/** The origin as browsers write it; undefined for `null` and anything that is not an origin. */
export function parseOrigin(origin: string): string | undefined {
  const url = URL.parse(origin)
  return url === null || url.origin === 'null' ? undefined : url.origin
}

// Only the host is compared: behind a proxy that ends TLS, the page is https and the request http.
function isSameHost(origin: string, host: string): boolean {
  const { protocol, host: originHost } = new URL(origin)
  return parseHost(host) !== undefined && URL.parse(`${protocol}//${host}`)?.host === originHost
}
