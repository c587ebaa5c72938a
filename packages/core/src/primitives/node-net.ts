import type net from 'node:net'

let loaded: typeof net | null = null

/** `node:net`, loaded by who needs it first: few hosts do. */
export function nodeNet(): typeof net {
  return (loaded ??= process.getBuiltinModule('node:net'))
}
