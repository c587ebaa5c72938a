import { html, nothing, type TemplateResult } from 'lit'
import { live } from 'lit/directives/live.js'

import { chevronDownIcon } from '../../parts/icons.ts'
import type { InputField } from './input-schema.ts'

/** What a field of the form needs. */
export interface InputFieldOptions {
  readonly field: InputField
  readonly value: unknown
  /** Why the server refused the value; null when it did not. */
  readonly problem: string | null
  readonly onChange: (name: string, value: unknown) => void
}

/** A field of the form: label, control, and its description or problem. */
export function inputField(options: InputFieldOptions): TemplateResult {
  const { field, problem } = options
  const id = `field-${field.name}`
  const note =
    problem !== null
      ? html`<p class="problem" id="${id}-note">${problem}</p>`
      : field.description !== null
        ? html`<p class="hint" id="${id}-note">${field.description}</p>`
        : nothing
  const label = html`<label for=${id}>
    ${field.title}${field.isRequired && field.kind !== 'boolean' ? html`<span class="problem" aria-hidden="true"> *</span>` : nothing}
  </label>`
  if (field.kind === 'boolean')
    return html`<div class="field">
      <div class="switch-row">${control(options, id)}${label}</div>
      ${note}
    </div>`
  return html`<div class="field">${label}${control(options, id)}${note}</div>`
}

function control(options: InputFieldOptions, id: string): TemplateResult {
  const { field, value, problem, onChange } = options
  const invalid = problem === null ? nothing : 'true'
  const note = problem === null && field.description === null ? nothing : `${id}-note`
  switch (field.kind) {
    case 'boolean':
      return html`<input
        class="switch"
        type="checkbox"
        role="switch"
        id=${id}
        aria-describedby=${note}
        .checked=${live(value === true)}
        @change=${(event: Event) => {
          onChange(field.name, (event.target as HTMLInputElement).checked)
        }}
      />`
    case 'choice':
      return choice(options, id, note)
    case 'multiline':
      return html`<textarea
        class="input"
        id=${id}
        aria-describedby=${note}
        aria-invalid=${invalid}
        aria-required=${String(field.isRequired)}
        .value=${live(asText(value))}
        @input=${(event: Event) => {
          onChange(field.name, (event.target as HTMLTextAreaElement).value)
        }}
      ></textarea>`
    case 'number':
    case 'text':
      return html`<input
        class="input"
        id=${id}
        type=${field.kind === 'number' ? 'number' : field.inputType}
        step=${field.kind === 'number' ? field.step : nothing}
        min=${field.min ?? nothing}
        max=${field.max ?? nothing}
        autocomplete="off"
        aria-describedby=${note}
        aria-invalid=${invalid}
        aria-required=${String(field.isRequired)}
        .value=${live(asText(value))}
        @input=${(event: Event) => {
          onChange(field.name, valueOf(event.target as HTMLInputElement))
        }}
      />`
  }
}

function choice(
  { field, value, problem, onChange }: InputFieldOptions,
  id: string,
  note: string | typeof nothing,
): TemplateResult {
  const chosen = field.choices.findIndex((one) => one.value === value)
  return html`<span class="select">
    <select
      id=${id}
      aria-describedby=${note}
      aria-invalid=${problem === null ? nothing : 'true'}
      @change=${(event: Event) => {
        onChange(field.name, field.choices[Number((event.target as HTMLSelectElement).value)]?.value)
      }}
    >
      ${field.isRequired && chosen !== -1 ? nothing : html`<option value="-1" ?selected=${chosen === -1}>–</option>`}
      ${field.choices.map(({ label }, index) => html`<option value=${String(index)} ?selected=${index === chosen}>${label}</option>`)}
    </select>
    ${chevronDownIcon}
  </span>`
}

/** A number that is not finished yet (`-`) is left out instead of being sent as something else. */
function valueOf(input: HTMLInputElement): unknown {
  if (input.type !== 'number') return input.value
  return Number.isNaN(input.valueAsNumber) ? undefined : input.valueAsNumber
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value
  return typeof value === 'number' ? String(value) : ''
}
