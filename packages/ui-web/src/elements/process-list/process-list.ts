import type { WorkerView } from '@perfect/core'
import { css, html, type CSSResultGroup, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'

import { StoreElement } from '../../controllers/store-element.ts'
import { empty, failure, panelStateStyles, skeleton } from '../../parts/panel-states.ts'
import { statusStyles } from '../../parts/status.ts'
import type { DashboardState } from '../../state/dashboard-state.ts'
import { base } from '../../styles/base.ts'
import { controls } from '../../styles/controls.ts'
import { workerTable, workerTableStyles } from './worker-table.ts'

/** The declared client processes and the workers that are connected. */
export class ProcessList extends StoreElement {
  static override styles: CSSResultGroup = [
    base,
    controls,
    statusStyles,
    panelStateStyles,
    workerTableStyles,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 20px;
        container: page / inline-size;
      }
    `,
  ]

  protected override selection({ clients, workers, flows, loaded, errors }: DashboardState): readonly unknown[] {
    return [clients, workers, flows, loaded, errors]
  }

  override render(): TemplateResult {
    return html`${this.#clients()}
      <section class="panel" aria-labelledby="workers">
        <div class="panel-head">
          <h2 id="workers">Workers</h2>
          <span class="count">${String(this.state.workers.size)}</span>
        </div>
        ${this.#workers([...this.state.workers.values()])}
      </section>`
  }

  #clients(): TemplateResult {
    const ids = [...this.state.clients.keys()]
    const error = this.state.errors.get('clients')
    if (error !== undefined && ids.length === 0)
      return html`<div class="panel">${failure(error, 'Processes', () => void this.store.retry('clients'))}</div>`
    if (!this.state.loaded.has('clients')) return html`<div class="panel">${skeleton(4)}</div>`
    if (ids.length === 0) {
      const how = html`Name the processes this engine may start in its <code class="mono">clients</code> option. Only
        those can be started from here.`
      return html`<div class="panel">${empty('No client process is declared', how)}</div>`
    }
    return html`${repeat(
      ids,
      (id) => id,
      (id) => html`<perfect-client-panel .store=${this.store} .clientId=${id}></perfect-client-panel>`,
    )}`
  }

  #workers(workers: readonly WorkerView[]): TemplateResult {
    const error = this.state.errors.get('workers')
    if (error !== undefined && workers.length === 0)
      return failure(error, 'Workers', () => void this.store.retry('workers'))
    if (!this.state.loaded.has('workers')) return skeleton(2)
    if (workers.length === 0)
      return empty(
        'No worker is connected',
        'Remote workers, such as a Python client, appear here while they are connected.',
      )
    return workerTable(workers, this.state.flows, this.store.now())
  }
}
