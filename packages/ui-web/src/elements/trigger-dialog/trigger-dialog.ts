import type { FlowView } from '@perfect/core'
import { html, nothing, type CSSResultGroup, type PropertyDeclarations, type TemplateResult } from 'lit'

import { ApiError, toApiError } from '../../api/api-error.ts'
import { StoreElement } from '../../controllers/store-element.ts'
import { chevronDownIcon, closeIcon, playIcon } from '../../parts/icons.ts'
import type { DashboardState } from '../../state/dashboard-state.ts'
import { workersFor } from '../../state/workers.ts'
import { base } from '../../styles/base.ts'
import { controls } from '../../styles/controls.ts'
import { dialogStyles } from '../../styles/dialog.ts'
import { fields } from '../../styles/fields.ts'
import { plural } from '../../text/strings.ts'
import { inputField } from './input-field.ts'
import { initialValues, readInputFields, toInput, type InputField } from './input-schema.ts'
import { fieldAt, problemsOf, RequestKey } from './trigger-request.ts'

/** Starts a run: which flow, with which configuration and input. Fires `perfect-trigger` with the run. */
export class TriggerDialog extends StoreElement {
  static override properties: PropertyDeclarations = {
    flowId: { state: true },
    isChoosing: { state: true },
    configuration: { state: true },
    values: { state: true },
    json: { state: true },
    error: { state: true },
    isBusy: { state: true },
  }
  static override styles: CSSResultGroup = [base, controls, fields, dialogStyles]

  declare flowId: string | null
  declare isChoosing: boolean
  declare configuration: string
  declare values: ReadonlyMap<string, unknown>
  declare json: string
  declare error: ApiError | null
  declare isBusy: boolean
  #key = new RequestKey()

  constructor() {
    super()
    this.flowId = null
    this.isChoosing = false
    this.configuration = ''
    this.values = new Map()
    this.json = ''
    this.error = null
    this.isBusy = false
  }

  /** Opens the dialog for a flow, or for the first one with a choice of all. */
  async open(flowId: string | null): Promise<void> {
    const flow = this.state.flows.get(flowId ?? '') ?? this.#flows()[0]
    if (flow === undefined) return
    this.isChoosing = flowId === null
    this.#choose(flow)
    await this.updateComplete
    this.#dialog()?.showModal()
    // `autofocus` goes to the close button in some browsers; the first thing to decide on is in the body.
    this.renderRoot.querySelector<HTMLElement>('.dialog-body :is(input, select, textarea), .button-primary')?.focus()
  }

  protected override selection({ flows, workers }: DashboardState): readonly unknown[] {
    return [flows, workers]
  }

  protected override isTicking(): boolean {
    return false
  }

  override render(): TemplateResult {
    const flow = this.state.flows.get(this.flowId ?? '')
    return html`<dialog closedby="any" aria-labelledby="title" @click=${this.#onBackdrop}>
      ${flow === undefined ? nothing : this.#form(flow)}
    </dialog>`
  }

  #form(flow: FlowView): TemplateResult {
    return html`<form novalidate @submit=${this.#onSubmit}>
      <div class="dialog-head">
        <div>
          <h2 id="title">${this.isChoosing ? 'Run a flow' : `Run ${flow.name}`}</h2>
          <p>Version ${flow.version}${flow.tasks.length === 0 ? nothing : ` · ${plural(flow.tasks.length, 'task')}`}</p>
        </div>
        <button class="icon-button" type="button" aria-label="Close" @click=${this.#close}>${closeIcon}</button>
      </div>
      <div class="dialog-body">
        ${this.isChoosing ? this.#flowChoice(flow) : nothing} ${this.#notice(flow)} ${this.#input(flow)}
        ${this.error === null ? nothing : this.#refusal(flow, this.error)}
      </div>
      <div class="dialog-foot">
        ${this.#configurations(flow)}
        <span class="spacer"></span>
        <button class="button" type="button" @click=${this.#close}>Cancel</button>
        <button class="button button-primary" ?disabled=${this.isBusy}>
          ${playIcon}${this.isBusy ? 'Starting…' : 'Run'}
        </button>
      </div>
    </form>`
  }

  #flowChoice(flow: FlowView): TemplateResult {
    return html`<div class="field">
      <label for="flow">Flow</label>
      <span class="select">
        <select id="flow" @change=${this.#onFlow}>
          ${this.#flows().map(({ id, name }) => html`<option value=${id} ?selected=${id === flow.id}>${name}</option>`)}
        </select>
        ${chevronDownIcon}
      </span>
      ${flow.description === null ? nothing : html`<p class="hint">${flow.description}</p>`}
    </div>`
  }

  #notice(flow: FlowView): TemplateResult | typeof nothing {
    if (flow.runsOn === 'engine' || workersFor(flow, this.state.workers.values()) > 0) return nothing
    return html`<p class="notice">No worker is online for this flow. The run waits in the queue until one connects.</p>`
  }

  #input(flow: FlowView): TemplateResult | readonly TemplateResult[] {
    const form = fieldsOf(flow)
    if (form === null) return this.#jsonInput(flow)
    const problems = problemsOf(this.error, form)
    return form.map((field) =>
      inputField({
        field,
        value: this.values.get(field.name),
        problem: problems.get(field.name) ?? null,
        onChange: this.#onValue,
      }),
    )
  }

  #jsonInput({ inputSchema }: FlowView): TemplateResult {
    const hint =
      inputSchema === null
        ? 'Any JSON value. Leave it empty for flows without input.'
        : 'A JSON value that fits the schema of the flow.'
    return html`<div class="field">
      <label for="json">Input</label>
      <textarea
        class="input"
        id="json"
        spellcheck="false"
        placeholder='{ "key": "value" }'
        aria-describedby="json-note"
        .value=${this.json}
        @input=${this.#onJson}
      ></textarea>
      <p class="hint" id="json-note">${hint}</p>
    </div>`
  }

  /** What the server refused, except the parts that stand at their fields. */
  #refusal(flow: FlowView, error: ApiError): TemplateResult {
    const form = fieldsOf(flow)
    const others = error.fields.filter(({ pointer }) => fieldAt(pointer, form ?? []) === null)
    return html`<div class="notice notice-bad" role="alert">
      ${error.message}
      ${others.map(({ pointer, message }) => html`<div><span class="mono">${pointer}</span> ${message}</div>`)}
      <code class="mono">${error.code}</code>
    </div>`
  }

  #configurations({ configurations }: FlowView): TemplateResult {
    return html`<fieldset class="segmented" aria-label="Configuration">
      ${configurations.map(
        (name) =>
          html`<label>
            <input
              class="hidden-text"
              type="radio"
              name="configuration"
              value=${name}
              .checked=${name === this.configuration}
              @change=${this.#onConfiguration}
            />${name}
          </label>`,
      )}
    </fieldset>`
  }

  #flows(): readonly FlowView[] {
    return [...this.state.flows.values()].toSorted((a, b) => a.name.localeCompare(b.name))
  }

  #choose(flow: FlowView): void {
    this.flowId = flow.id
    this.configuration = flow.defaultConfiguration
    this.values = initialValues(fieldsOf(flow) ?? [])
    this.json = ''
    this.error = null
    this.#key = new RequestKey()
  }

  #dialog(): HTMLDialogElement | null {
    return this.renderRoot.querySelector('dialog')
  }

  async #start(flow: FlowView): Promise<void> {
    const form = fieldsOf(flow)
    const input: unknown = form === null ? parseJson(this.json) : toInput(form, this.values)
    const request = { configuration: this.configuration, ...(input === undefined ? {} : { input }) }
    const idempotencyKey = this.#key.for(request)
    const run = await this.store.commandRun(async (client) =>
      client.triggerFlow(flow.id, { ...request, idempotencyKey }),
    )
    this.#dialog()?.close()
    this.dispatchEvent(new CustomEvent('perfect-trigger', { detail: { run }, bubbles: true, composed: true }))
  }

  readonly #onSubmit = (event: Event): void => {
    event.preventDefault()
    const flow = this.state.flows.get(this.flowId ?? '')
    if (flow === undefined || this.isBusy) return
    this.isBusy = true
    this.error = null
    void this.#start(flow)
      .catch((error: unknown) => {
        this.error = toApiError(error)
      })
      .finally(() => {
        this.isBusy = false
      })
  }

  readonly #onFlow = (event: Event): void => {
    const flow = this.state.flows.get((event.target as HTMLSelectElement).value)
    if (flow !== undefined) this.#choose(flow)
  }

  readonly #onValue = (name: string, value: unknown): void => {
    this.values = new Map(this.values).set(name, value)
  }

  readonly #onJson = (event: Event): void => {
    this.json = (event.target as HTMLTextAreaElement).value
  }

  readonly #onConfiguration = (event: Event): void => {
    this.configuration = (event.target as HTMLInputElement).value
  }

  readonly #close = (): void => {
    this.#dialog()?.close()
  }

  /** For browsers that do not know `closedby`. */
  readonly #onBackdrop = (event: Event): void => {
    if (event.target === this.#dialog()) this.#close()
  }
}

function fieldsOf({ inputSchema }: FlowView): readonly InputField[] | null {
  return inputSchema === null ? null : readInputFields(inputSchema)
}

function parseJson(text: string): unknown {
  if (text.trim() === '') return undefined
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    const message = `The input is not valid JSON. ${error instanceof Error ? error.message : ''}`
    throw new ApiError({ status: 0, code: 'REQUEST_MALFORMED', message, cause: error })
  }
}
