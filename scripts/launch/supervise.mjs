// @ts-check
// One child process that ends with its launcher, however that ends: by Ctrl-C, by a signal, or with the npm above it. Should the
// launcher itself be killed, the channel to the child closes, and the child ends on its own ('disconnect').
import { spawn } from 'node:child_process'
import { constants } from 'node:os'

import { announce } from './console.mjs'
import { npmIsGone } from './npm-process.mjs'
import { root } from './root.mjs'

// Longer than the server needs to stop its flows and its Python clients in order.
const GRACE_MS = 20_000
// Npm's death is seldom; half a second later is soon enough.
const LOOK_EVERY_MS = 500
// A terminal, npm and a shell may each pass on the same Ctrl-C; two that a person means are further apart.
const SAME_PRESS_MS = 300

/**
 * Runs a script in a process group of its own, so that a Ctrl-C in the terminal reaches it once: through the launcher.
 *
 * @param {string} node path of the Node to run it with
 * @param {readonly string[]} args
 * @param {{ readonly signal: 'process' | 'group' }} options whether a signal is for the process alone, which ends its own children in
 * order, or for all of the group
 * @returns {{ readonly running: boolean, readonly ended: Promise<number> }} `ended` gives the exit code
 */
export function supervise(node, args, options) {
  const own = process.platform !== 'win32'
  const child = spawn(node, args, {
    cwd: root,
    detached: own,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  /** @param {NodeJS.Signals} signal @param {'process' | 'group'} target */
  const send = (signal, target) => {
    try {
      if (own && target === 'group') process.kill(-(child.pid ?? 0), signal)
      else if (own || signal === 'SIGKILL') child.kill(signal)
      // Windows has no signals; losing the launcher makes the child end in order.
      else if (child.connected) child.disconnect()
    } catch {
      // It is gone already.
    }
  }
  forwardSignals(
    (signal) => send(signal, options.signal),
    () => send('SIGKILL', 'group'),
  )
  /** @type {Promise<number>} */
  const ended = new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      if (signal !== null) announce(`${String(args.at(-1))} was ended by ${signal}`)
      resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal])
    })
  })
  return {
    get running() {
      return child.exitCode === null && child.signalCode === null
    },
    ended,
  }
}

/** @param {(signal: NodeJS.Signals) => void} end @param {() => void} kill */
function forwardSignals(end, kill) {
  let endingSince = 0
  /** @param {NodeJS.Signals} signal @param {string} reason */
  const stop = (signal, reason) => {
    if (endingSince > 0) return
    endingSince = performance.now()
    announce(`\nending: ${reason}`)
    end(signal)
    setTimeout(kill, GRACE_MS).unref()
  }
  process.on('SIGINT', () => {
    if (endingSince > 0 && performance.now() - endingSince > SAME_PRESS_MS) kill()
    else stop('SIGINT', 'Ctrl-C (once more ends it by force)')
  })
  process.on('SIGTERM', () => stop('SIGTERM', 'SIGTERM'))
  process.on('SIGHUP', () => stop('SIGTERM', 'the terminal was closed'))
  const gone = npmIsGone()
  setInterval(() => gone() && stop('SIGTERM', 'npm is gone'), LOOK_EVERY_MS).unref()
}
