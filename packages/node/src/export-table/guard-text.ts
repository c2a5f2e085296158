/** The text by which an edited table takes a value out; an empty cell leaves it alone. */
export const removeMark = '(remove)'

/**
 * A text as it can stand in a cell: no spreadsheet program takes it for a formula. One that begins like a formula, with an
 * apostrophe or as `(remove)` gets an apostrophe in front; so does a part behind a semicolon, tab or line break that
 * begins like one, since a program that splits a CSV file there would make it a cell. Plain numbers are let be.
 * @see OWASP, CSV Injection
 */
export function guardText(text: string): string {
  if (plainNumber.test(text)) return text
  const parts = text.replace(beforeSign, (run: string, at: number) => guardRun(run, text[at - 1]))
  return text === removeMark || wholeStart.test(text) ? `'${parts}` : parts
}

/** The text that `guardText` wrote; a text without apostrophes in those places is itself. */
export function readGuarded(cell: string): string {
  const text = cell.startsWith("'") ? cell.slice(1) : cell
  return text.replace(beforeSign, (run: string, at: number) => readRun(run, text[at - 1]))
}

const plainNumber = /^-?\d+(\.\d+)?$/

/** What begins a formula, behind quotes and blanks: with the full-width forms that East Asian editions take for the same. */
export const formulaStart = '["\'\\s]*[=+\\-@\\uff1d\\uff0b\\uff0d\\uff20]'

const wholeStart = new RegExp(`^(?:['\\s]|${formulaStart})`)

/** Quotes and blanks, all that stand together, before what begins a formula. */
const beforeSign = /(?<!["'\s])["'\s]*(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/g

const endsPart = (before: string | undefined): boolean =>
  before === ';' || before === '\t' || before === '\n'

/** An apostrophe wherever a part begins in such a run, or right behind it. */
function guardRun(run: string, before: string | undefined): string {
  let [guarded, last] = ['', before]
  for (const char of run) {
    guarded += endsPart(last) ? `'${char}` : char
    last = char
  }
  return endsPart(last) ? `${guarded}'` : guarded
}

/** The run without an apostrophe wherever a part begins. */
function readRun(run: string, before: string | undefined): string {
  let [text, last] = ['', before]
  for (const char of run) {
    if (!(char === "'" && endsPart(last))) text += char
    last = char
  }
  return text
}
