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
  const parts = text.replace(insideStart, "'")
  return text === removeMark || wholeStart.test(text) ? `'${parts}` : parts
}

/** The text that `guardText` wrote; a text without apostrophes in those places is itself. */
export function readGuarded(cell: string): string {
  const text = cell.startsWith("'") ? cell.slice(1) : cell
  return text.replace(insideGuard, '')
}

const plainNumber = /^-?\d+(\.\d+)?$/

/** What begins a formula, behind quotes and blanks: with the full-width forms that East Asian editions take for the same. */
export const formulaStart = '["\'\\s]*[=+\\-@\\uff1d\\uff0b\\uff0d\\uff20]'

const wholeStart = new RegExp(`^(?:['\\s]|${formulaStart})`)
const insideStart = new RegExp(`(?<=[;\\t\\n])(?=${formulaStart})`, 'g')
const insideGuard = new RegExp(`(?<=[;\\t\\n])'(?=${formulaStart})`, 'g')
