import { css, html, type CSSResult, type TemplateResult } from 'lit'

const TYPESCRIPT = `import { flow, task } from '@perfect/core'

const extract = task('extract', { weight: 3 }, async (url: string) => {
  return (await fetch(url)).text()
})
const load = task('load', async (text: string) => text.length)

interface Input { url: string }

const options = { plan: [extract, load] }
const etl = flow('ETL Pipeline', options, async ({ url }: Input) => {
  return await load(await extract(url))
})

engine.registerFlow(etl)`

const PYTHON = `from perfect_client import create_client, flow, task

@task(weight=3)
def extract(url: str) -> str: ...

@task
def load(text: str) -> int: ...

@flow(name="ETL Pipeline")
def etl(url: str) -> int:
    return load(extract(url))

client = create_client()
client.register_flow(etl)
client.listen_for_executions()`

/** What a new installation shows: how to get the first flow here. */
export function welcome(): TemplateResult {
  return html`<section class="panel welcome" aria-labelledby="welcome">
    <h2 id="welcome">Waiting for your first flow</h2>
    <p>Register one from this application, or from a Python process. It appears here by itself.</p>
    <div class="examples">${example('TypeScript', TYPESCRIPT)} ${example('Python', PYTHON)}</div>
  </section>`
}

function example(language: string, code: string): TemplateResult {
  return html`<figure>
    <figcaption>${language}</figcaption>
    <pre tabindex="0" role="region" aria-label="Example in ${language}"><code>${code}</code></pre>
  </figure>`
}

/** Styles of the welcome. */
export const welcomeStyles: CSSResult = css`
  .welcome {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 6px;
    padding: 32px;
  }
  .welcome h2 {
    font-size: 20px;
    font-weight: 600;
    letter-spacing: -0.025em;
  }
  .welcome p {
    color: var(--pf-muted);
  }
  .examples {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(380px, 100%), 1fr));
    gap: 16px;
    margin-top: 18px;
  }
  figure {
    display: grid;
    grid-template-rows: auto 1fr;
    margin: 0;
    min-width: 0;
  }
  figcaption {
    margin-bottom: 6px;
    font-size: 12px;
    color: var(--pf-faint);
  }
  .welcome pre {
    padding: 16px 18px;
    overflow: auto;
    border: 1px solid var(--pf-line);
    border-radius: var(--pf-radius-m);
    background: var(--pf-sunken);
    font: 12px/1.65 var(--pf-mono);
  }
  @container page (max-width: 640px) {
    .welcome {
      padding: 20px 16px;
    }
  }
`
