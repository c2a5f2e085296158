/**
 * Rows of a CSV text by column, cells as they stand. The tests compare the importer with what this finds, so it is
 * written anew and in few lines.
 * @see RFC 4180
 */
export function plainCsv(text: string): Record<string, string>[] {
  const rows: string[][] = [[]]
  let cell = ''
  let quoted = false
  const body = text.replace(/^\uFEFF/, '')
  for (let i = 0; i < body.length; i++) {
    const [char, next] = [body[i], body[i + 1]]
    if (quoted && char === '"' && next === '"') {
      cell += '"'
      i++
    } else if (char === '"') quoted = !quoted
    else if (!quoted && (char === ',' || char === '\n')) {
      rows.at(-1)?.push(char === '\n' ? cell.replace(/\r$/, '') : cell)
      cell = ''
      if (char === '\n') rows.push([])
    } else cell += char
  }
  if (cell !== '') rows.at(-1)?.push(cell)
  const [names = [], ...filled] = rows.filter((row) => row.some((each) => each.trim() !== ''))
  return filled.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i] ?? ''])))
}
