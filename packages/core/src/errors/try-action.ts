import type { ActionView } from './action-view.ts'
import { ERROR_CODES } from './codes.ts'
import { PerfectError } from './perfect-error.ts'

/** That something can be done. */
export const CAN: ActionView = { ok: true }

/** What the check of an action says. */
export async function tryAction(check: () => unknown): Promise<ActionView> {
  try {
    await check()
    return CAN
  } catch (error) {
    // A schema of the host may throw anything.
    const code = PerfectError.is(error) ? error.code : 'INTERNAL'
    const { status, title } = ERROR_CODES[code]
    // Messages of our own failures are not for everybody.
    return { ok: false, code, why: PerfectError.is(error) && status < 500 ? error.message : `${title}.` }
  }
}
