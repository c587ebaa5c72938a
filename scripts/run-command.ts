import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'

import { root } from './source-files.ts'

// The tools of the workspace, and its Node, come first, whoever started us.
const PATH = `${join(root, 'node_modules', '.bin')}${delimiter}${process.env['PATH'] ?? ''}`

/** How a command ended. */
export interface CommandResult {
  readonly ok: boolean
  /** What it wrote to both of its streams, in order. */
  readonly output: string
}

/**
 * Runs a command, in the root folder unless told otherwise, and keeps what it prints.
 *
 * @param show prints it as it comes, too
 */
export function runCommand(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly show?: boolean } = {},
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? root,
      env: { ...process.env, PATH },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
        if (options.show === true) process.stdout.write(text)
      })
    }
    child.on('error', (error) =>
      resolve({ ok: false, output: `${output}${command} could not be run: ${error.message}` }),
    )
    child.on('close', (code) => resolve({ ok: code === 0, output }))
  })
}
