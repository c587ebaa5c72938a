import { FlowLibrary } from './elements/flow-library/flow-library.ts'
import { HomePage } from './elements/home-page/home-page.ts'
import { LogView } from './elements/log-view/log-view.ts'
import { PerfectDashboard } from './elements/perfect-dashboard/perfect-dashboard.ts'
import { PerfectProgress } from './elements/perfect-progress/perfect-progress.ts'
import { ClientPanel } from './elements/process-list/client-panel.ts'
import { ProcessList } from './elements/process-list/process-list.ts'
import { RunHistory } from './elements/run-history/run-history.ts'
import { RunLog } from './elements/run-log/run-log.ts'
import { RunPage } from './elements/run-page/run-page.ts'
import { RunTimeline } from './elements/run-timeline/run-timeline.ts'
import { TriggerDialog } from './elements/trigger-dialog/trigger-dialog.ts'

/** Registers an element once, and not at all where there are no custom elements, so that the package can be imported on a server. */
function define(name: string, element: CustomElementConstructor): void {
  if (typeof customElements === 'undefined' || customElements.get(name) !== undefined) return
  customElements.define(name, element)
}

/** Registers all elements. Inner elements first, so that the dashboard is whole when it is upgraded. */
export function defineElements(): void {
  define('perfect-log-view', LogView)
  define('perfect-run-log', RunLog)
  define('perfect-run-timeline', RunTimeline)
  define('perfect-trigger-dialog', TriggerDialog)
  define('perfect-client-panel', ClientPanel)
  define('perfect-home-page', HomePage)
  define('perfect-flow-library', FlowLibrary)
  define('perfect-run-history', RunHistory)
  define('perfect-run-page', RunPage)
  define('perfect-process-list', ProcessList)
  define('perfect-progress', PerfectProgress)
  define('perfect-dashboard', PerfectDashboard)
}

declare global {
  interface HTMLElementTagNameMap {
    'perfect-dashboard': PerfectDashboard
    'perfect-progress': PerfectProgress
  }
}
