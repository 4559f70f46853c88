const STYLE = `
:root { color-scheme: light dark; --ink: #1c2733; --soft: #5b7083; --line: #d6dee6; --ok: #1f7a4d; --bad: #b3261e; --bar: #4a7fb5; --paper: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9fb1c1; --line: #33424f; --ok: #5cc48f; --bad: #ff8a80; --bar: #6ea3d8; --paper: #10171e; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 64rem; padding: 1.5rem 1rem 4rem; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { margin: 2.5rem 0 .5rem; font-size: 1.25rem; } h3 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
.soft { color: var(--soft); } .ok { color: var(--ok); } .bad { color: var(--bad); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; color: var(--soft); } td.number { white-space: nowrap; }
svg { width: 100%; height: auto; display: block; } svg text { font: 12px system-ui, sans-serif; fill: var(--ink); } svg .bar { fill: var(--bar); } svg .failed { fill: var(--bad); } svg .grid { stroke: var(--line); }
details { margin: .5rem 0; } summary { cursor: pointer; color: var(--soft); } summary:focus-visible { outline: 2px solid var(--bar); }
code { font-size: .9em; overflow-wrap: anywhere; } pre { font-size: .85em; line-height: 1.4; margin: .5rem 0; padding: .75rem; border: 1px solid var(--line); border-radius: .4rem; width: max-content; min-width: 100%; } li { margin: .15rem 0; }
`;

/**
 * A page that needs no network: no script, no font, no picture from elsewhere.
 * @param title as text
 * @param body as HTML
 */
export function htmlPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escape(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`;
}

/** Text as HTML that is nothing but text. */
export function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
