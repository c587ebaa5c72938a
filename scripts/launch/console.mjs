// @ts-check
const began = performance.now()

/** @param {number} from a time of `performance.now()` */
const seconds = (from) => `${((performance.now() - from) / 1000).toFixed(1)} s`

/** @param {string} name @param {string} text @param {string} time */
const print = (name, text, time) => process.stdout.write(`${name.padEnd(11)}${text}  (${time})\n`)

/**
 * Does one step and prints what it did and how long that took.
 *
 * @param {string} name
 * @param {() => string | Promise<string>} work gives what it did, for people; an empty text prints nothing
 * @returns {Promise<string>}
 */
export async function step(name, work) {
  const from = performance.now()
  const text = await work()
  if (text !== '') print(name, text, seconds(from))
  return text
}

/** Says what takes long, before it does. @param {string} text */
export function announce(text) {
  process.stdout.write(`${text}\n`)
}

/** Prints the last line, with the time since the launcher began. @param {string} text */
export function finish(text) {
  print('ready', text, seconds(began))
}

/** Prints an error and makes the launcher end with exit code 1. @param {string} message */
export function fail(message) {
  process.stderr.write(`\nerror: ${message}\n`)
  process.exitCode = 1
}

// Whoever reads the output may be gone (a closed terminal, a killed npm); what was started must be ended all the same.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
