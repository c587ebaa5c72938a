import type { RunView } from '@perfect/core'
import { html, type TemplateResult } from 'lit'

import { isFinal } from '../../state/runs.ts'
import { runLabel } from '../../text/strings.ts'
import type { ConnectionWord } from './connection-status.ts'

/** Says changes to screen readers: politely, except the failure of the run that is being watched. */
export class Announcer {
  #polite = ''
  #urgent = ''
  #run: RunView | undefined
  #connection: ConnectionWord = 'connecting'

  /** Two live regions that are always there; a region that appears together with its text is not read. */
  render(): TemplateResult {
    return html`<div class="hidden-text" role="status">${this.#polite}</div>
      <div class="hidden-text" role="alert">${this.#urgent}</div>`
  }

  /** Says something when nothing else is being read. */
  say(text: string): void {
    this.#polite = text
  }

  /** Compares with what was known before and says what changed. The first value is never said. */
  observe(run: RunView | undefined, connection: ConnectionWord): void {
    const before = this.#run
    if (
      run !== undefined &&
      before !== undefined &&
      run.id === before.id &&
      run.status !== before.status &&
      isFinal(run)
    ) {
      const text = `${run.flowName}: ${runLabel(run).word.toLowerCase()}`
      if (run.status === 'failed') this.#urgent = text
      else this.#polite = text
    }
    this.#run = run
    if (connection === this.#connection) return
    if (connection === 'stale') this.#polite = 'Connection lost, reconnecting'
    else if (connection === 'live' && this.#connection === 'stale') this.#polite = 'Connected again'
    this.#connection = connection
  }
}
