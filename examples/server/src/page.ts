import type { Context } from 'hono'

// Nothing but our own script and styles may run in the page; Lit makes its templates under a Trusted Types policy.
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types lit-html',
].join('; ')

const HTML = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Perfect</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/page.css">
    <script type="module" src="/perfect-ui.js"></script>
  </head>
  <body>
    <perfect-dashboard src="/api"><p>Loading the dashboard…</p></perfect-dashboard>
  </body>
</html>
`

const CSS = `html, body { margin: 0; height: 100% }
perfect-dashboard { display: block; min-height: 100% }
`

/** The page that holds the dashboard. */
export function page(c: Context): Response {
  c.header('content-security-policy', POLICY)
  c.header('referrer-policy', 'no-referrer')
  return c.html(HTML)
}

/** The styles of the page around the dashboard. */
export function pageStyles(c: Context): Response {
  return c.body(CSS, 200, { 'content-type': 'text/css; charset=utf-8' })
}
