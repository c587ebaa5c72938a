import { css, type CSSResult } from 'lit'

/** Native inputs, selects and text areas. */
export const fields: CSSResult = css`
  .field {
    display: grid;
    gap: 5px;
  }
  .field > label,
  .label {
    font-weight: 500;
  }
  .input,
  .select select,
  textarea.input {
    font: inherit;
    color: inherit;
    width: 100%;
    height: 34px;
    padding: 0 10px;
    border: 1px solid var(--pf-control-line);
    border-radius: var(--pf-radius-m);
    background: var(--pf-surface);
    transition: border-color var(--pf-motion);
  }
  .input::placeholder {
    color: var(--pf-faint);
    opacity: 1;
  }
  textarea.input {
    height: auto;
    min-height: 96px;
    max-height: 260px;
    padding: 8px 10px;
    font-family: var(--pf-mono);
    font-size: 12px;
    line-height: 1.55;
    resize: vertical;
    field-sizing: content;
  }
  .input:hover,
  .select select:hover {
    border-color: var(--pf-muted);
  }
  .input:focus-visible,
  .select select:focus-visible {
    outline-offset: 0;
    border-radius: var(--pf-radius-m);
    border-color: transparent;
  }
  .input[aria-invalid='true'] {
    border-color: var(--pf-bad);
  }
  .select {
    position: relative;
    display: block;
  }
  .select select {
    appearance: none;
    padding-inline-end: 30px;
    text-overflow: ellipsis;
    cursor: pointer;
  }
  .select .icon {
    position: absolute;
    inset-inline-end: 10px;
    top: calc(50% - 7px);
    width: 14px;
    height: 14px;
    color: var(--pf-faint);
    pointer-events: none;
  }
  .search {
    position: relative;
    display: block;
  }
  .search .icon {
    position: absolute;
    inset-inline-start: 9px;
    top: calc(50% - 7px);
    width: 14px;
    height: 14px;
    color: var(--pf-faint);
    pointer-events: none;
  }
  .search .input {
    padding-inline-start: 30px;
  }
  .small .input,
  .small select {
    height: 28px;
    font-size: 12px;
    border-radius: var(--pf-radius-s);
    border-color: var(--pf-line-strong);
  }
  .hint {
    color: var(--pf-faint);
    font-size: 12px;
  }
  .problem {
    color: var(--pf-bad-fg);
    font-size: 12px;
  }
  .switch {
    appearance: none;
    position: relative;
    flex: none;
    width: 32px;
    height: 18px;
    margin: 0;
    border-radius: 9px;
    background: var(--pf-control-line);
    cursor: pointer;
    transition: background var(--pf-motion);
  }
  .switch::after {
    content: '';
    position: absolute;
    inset: 2px auto 2px 2px;
    width: 14px;
    border-radius: 50%;
    background: #fff;
    transition: translate var(--pf-motion);
  }
  .switch:checked {
    background: var(--pf-accent);
  }
  .switch:checked::after {
    translate: 14px 0;
  }
  .switch:focus-visible {
    border-radius: 9px;
  }
`
