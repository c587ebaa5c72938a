import { css, type CSSResult } from 'lit'

/** The frame of the dashboard: rail, scrolling content; below 640 px the rail is a bar at the bottom. */
export const dashboardStyles: CSSResult = css`
  :host {
    display: block;
    height: 100%;
    min-height: 480px;
    background: var(--pf-bg);
    container: dashboard / inline-size;
  }
  .shell {
    display: grid;
    grid-template-columns: 216px minmax(0, 1fr);
    grid-template-rows: minmax(0, 1fr);
    height: 100%;
  }
  .scroll {
    min-width: 0;
    min-height: 0;
    padding: 0 24px;
    overflow: hidden auto;
    scrollbar-width: thin;
    scrollbar-color: var(--pf-line-strong) transparent;
    scrollbar-gutter: stable;
  }
  main {
    max-width: 1440px;
    padding-bottom: 32px;
  }
  /* Focus comes here with every page, not from the keyboard; a ring around everything would say nothing. */
  main:focus-visible {
    outline: none;
  }
  .stale {
    --pf-motion-state: paused;
  }
  @container dashboard (max-width: 900px) {
    .shell {
      grid-template-columns: 60px minmax(0, 1fr);
    }
  }
  @container dashboard (max-width: 640px) {
    .shell {
      grid-template-columns: minmax(0, 1fr);
      grid-template-rows: minmax(0, 1fr) auto;
    }
    .scroll {
      padding: 0 16px;
      scrollbar-gutter: auto;
    }
    main {
      padding-bottom: 20px;
    }
  }
`
