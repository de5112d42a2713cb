/** Text that is HTML already: made by `html` or by us. */
export interface Html {
  readonly text: string
}

type Part = string | number | Html | readonly Html[]

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** HTML from a template; whatever is put in is escaped unless it is HTML itself. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let text = strings[0] ?? ''
  for (const [i, part] of parts.entries()) text += show(part) + (strings[i + 1] ?? '')
  return { text }
}

function show(part: Part): string {
  if (typeof part === 'object') return 'text' in part ? part.text : part.map(({ text }) => text).join('')
  return String(part).replace(/[&<>"']/g, (char) => ESCAPES[char] ?? '')
}

/** A whole page. */
export function page(title: string, body: Html, script: string | null = null): string {
  return html`<!doctype html>
<html lang="ru">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="/assets/site.css">
<link rel="icon" href="data:,">
${script === null ? '' : html`<script type="module" src="${script}"></script>`}
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`.text
}
