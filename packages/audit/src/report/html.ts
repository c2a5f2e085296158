/** Text that may stand in a page as it is. */
export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Part = string | number | Html | readonly Html[]

/** Fills in a page: every value is escaped, unless it is a part of a page itself. */
export function html(parts: TemplateStringsArray, ...values: readonly Part[]): Html {
  return new Html(parts.reduce((out, part, i) => `${out}${textOf(values[i - 1] ?? '')}${part}`))
}

const textOf = (value: Part): string => {
  if (value instanceof Html) return value.text
  if (typeof value === 'object') return value.map(({ text }) => text).join('')
  return String(value).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}

export const nothing = new Html('')

/** A table with its heads, if any, or nothing where it has no rows. */
export function table(
  heads: readonly string[],
  rows: readonly (readonly Part[])[],
  kind = '',
): Html {
  if (rows.length === 0) return nothing
  const head =
    heads.length === 0
      ? nothing
      : html`<thead><tr>${heads.map((one) => html`<th scope="col">${one}</th>`)}</tr></thead>`
  return html`<table class="${kind}">${head}<tbody>
${rows.map(
  ([first = '', ...rest]) =>
    html`<tr><th scope="row">${first}</th>${rest.map((cell) => html`<td>${cell}</td>`)}</tr>
`,
)}</tbody></table>
`
}
