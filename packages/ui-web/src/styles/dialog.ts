import { css, type CSSResult } from 'lit'

/** Native dialogs: a sheet with head, scrolling body and foot; full width at the bottom of a phone. */
export const dialogStyles: CSSResult = css`
  dialog {
    width: min(520px, calc(100% - 24px));
    max-height: min(760px, 100dvh - 24px);
    padding: 0;
    overflow: hidden;
    border: 1px solid var(--pf-line);
    border-radius: 16px;
    background: var(--pf-raised);
    color: var(--pf-fg);
    box-shadow: var(--pf-shadow-dialog);
    opacity: 0;
    translate: 0 10px;
    transition:
      opacity 0.18s,
      translate 0.18s cubic-bezier(0.2, 0.7, 0.2, 1),
      display 0.18s allow-discrete,
      overlay 0.18s allow-discrete;
  }
  dialog[open] {
    display: flex;
    opacity: 1;
    translate: 0 0;
  }
  @starting-style {
    dialog[open] {
      opacity: 0;
      translate: 0 10px;
    }
  }
  dialog::backdrop {
    background: oklch(0.12 0.01 270 / 0.42);
    backdrop-filter: blur(2px);
  }
  dialog form {
    display: flex;
    flex: 1;
    flex-direction: column;
    min-width: 0;
    min-height: 0;
  }
  .dialog-head {
    display: flex;
    align-items: flex-start;
    gap: 12px;
    padding: 18px 16px 14px 20px;
  }
  .dialog-head > div {
    flex: 1;
    min-width: 0;
  }
  .dialog-head h2 {
    font-size: 15px;
    font-weight: 600;
    letter-spacing: -0.012em;
    overflow-wrap: anywhere;
  }
  .dialog-head p {
    margin-top: 2px;
    font-size: 12px;
    color: var(--pf-faint);
  }
  .dialog-body {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 16px;
    min-height: 0;
    padding: 2px 20px 20px;
    overflow: hidden auto;
  }
  .dialog-foot {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px;
    padding: 12px 16px 12px 20px;
    border-top: 1px solid var(--pf-line);
    background: var(--pf-sunken);
  }
  .dialog-foot .segmented {
    background: var(--pf-raised);
  }
  .notice {
    padding: 10px 12px;
    border-radius: var(--pf-radius-m);
    font-size: 12px;
    background: var(--pf-wait-bg);
    color: var(--pf-wait-fg);
  }
  .notice-bad {
    background: var(--pf-bad-bg);
    color: var(--pf-bad-fg);
  }
  .notice code {
    display: block;
    margin-top: 2px;
    opacity: 0.85;
  }
  .switch-row {
    display: flex;
    align-items: center;
    gap: 10px;
    font-weight: 500;
  }
  @media (max-width: 640px) {
    dialog {
      width: 100%;
      max-width: 100%;
      margin-bottom: 0;
      border-radius: 16px 16px 0 0;
      border-inline: 0;
      border-bottom: 0;
    }
    .dialog-foot {
      padding-bottom: max(12px, env(safe-area-inset-bottom));
    }
    .dialog-foot .segmented {
      flex: 1 1 100%;
      order: -1;
    }
    .dialog-foot .segmented > * {
      flex: 1;
      height: 32px;
    }
    .dialog-foot .spacer {
      display: none;
    }
    .dialog-foot .button {
      flex: 1;
      height: 40px;
    }
  }
`
