import { PerfectError } from '@perfect/core'

/** Whether only programs of this machine can reach an address. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '::1' || /^127(?:\.\d{1,3}){3}$/.test(hostname)
}

/** An API that everybody in the network could use. */
export function openToNetwork(hostname: string): PerfectError {
  return new PerfectError(
    'UNAUTHORIZED',
    `The API would listen on ${hostname} and ask nobody who they are. Give "authenticate", listen on 127.0.0.1, or say "allowUnauthenticated: true" when something in front of it asks.`,
    { details: { hostname } },
  )
}

/** Why a server could not listen, in words that say what to do. */
export function toListenError(error: unknown, hostname: string, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code !== 'EADDRINUSE') return error
  return new PerfectError(
    'PORT_IN_USE',
    `Port ${String(port)} of ${hostname} is in use. Stop the program that uses it, or give another port (0 takes any that is free).`,
    { details: { hostname, port }, cause: error },
  )
}
