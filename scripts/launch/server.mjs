// @ts-check
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

const HOST = '127.0.0.1'
/** Address of the page. @param {number} port */
export const pageUrl = (port) => `http://${HOST}:${port}/`
// Short beside the start itself, long beside the cost of one look.
const LOOK_EVERY_MS = 50

/**
 * Refuses a port that is taken, before anything else is done.
 *
 * @param {number} port Range: 0..65535; 0 lets the system choose, later.
 * @returns {Promise<void>}
 */
export function requireFreePort(port) {
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`PORT must be a whole number from 0 to 65535, not "${process.env['PORT'] ?? ''}".`)
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', (error) => reject(new Error(portMessage(port, error))))
    server.listen({ port, host: HOST }, () => server.close(() => resolve()))
  })
}

/** @param {number} port @param {Error & { code?: string }} error */
function portMessage(port, error) {
  const reason =
    error.code === 'EADDRINUSE'
      ? `Port ${port} is in use.`
      : error.code === 'EACCES'
        ? `Port ${port} needs more rights than this user has.`
        : `Port ${port} cannot be used: ${error.message}.`
  return `${reason} Stop the program that has it, or take another port: PORT=${port === 65_535 ? 3001 : port + 1} npm start`
}

/**
 * Waits until the page answers.
 *
 * @param {number} port
 * @param {{ readonly running: boolean }} server
 * @returns {Promise<string>} what to print; empty when the server ended before
 */
export async function serverIsReady(port, server) {
  while (server.running) {
    const answer = await fetch(pageUrl(port), { signal: AbortSignal.timeout(2000) }).catch(() => undefined)
    await answer?.body?.cancel()
    if (answer?.ok === true) return 'answers'
    await delay(LOOK_EVERY_MS, undefined, { ref: false })
  }
  return ''
}
