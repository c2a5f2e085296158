import type { Answer } from '../node-api.ts'
import type { View, ViewRow } from '../view/view.ts'
import { compare, textOf } from './sources.ts'

/**
 * Which of our items last bought sole-source has a maker in an ally's records under the same item code. "Last bought
 * sole-source" is not "only source", and a candidate is not a qualified source unless its record says for what.
 */
export function askSecondSources(view: View, own: string): Answer {
  const all = view.list({ kind: 'capability', limit: Number.MAX_SAFE_INTEGER })
  const allied = new Map<string, ViewRow[]>()
  for (const row of all) {
    const code = codeOf(row)
    if (row.originator === own || code === null) continue
    const list = allied.get(code)
    if (list === undefined) allied.set(code, [row])
    else list.push(row)
  }
  const rows = all
    .filter((row) => row.originator === own && isSoleSource(row))
    .flatMap((mine) => {
      const maker = supplierOf(mine)
      return (allied.get(codeOf(mine) ?? '') ?? [])
        .filter((theirs) => supplierOf(theirs) !== maker)
        .map((theirs) => {
          const { fields, sender: _sender, banner: _banner, ...plain } = theirs
          const qualified = Array.isArray(fields['qualified_for']?.value)
          return {
            ...plain,
            counted: qualified,
            marks: [qualified ? 'qualified elsewhere' : 'candidate, not qualified'],
            cells: {
              item: codeOf(mine) ?? '',
              ours: mine.title,
              supplier: textOf(mine.fields['supplier']?.value),
              candidate: textOf(fields['supplier']?.value),
              place: textOf(fields['place']?.value),
              title: theirs.title,
            },
          }
        })
    })
    .sort(
      (a, b) =>
        compare(a.cells.item, b.cells.item) ||
        compare(a.originator, b.originator) ||
        compare(a.cells.title, b.cells.title),
    )
  const items = new Set(rows.map((row) => row.cells.item)).size
  return {
    question: 'Which of my items last bought sole-source has an allied candidate source?',
    words: `${items} item${items === 1 ? '' : 's'} last bought sole-source with an allied candidate; a candidate is not a qualified source`,
    rows,
  }
}

const codeOf = ({ fields }: ViewRow): string | null => {
  const value = fields['item_code']?.value
  return typeof value === 'string' ? value.toUpperCase() : null
}
const supplierOf = ({ fields }: ViewRow): string => textOf(fields['supplier']?.value).toLowerCase()
const isSoleSource = ({ fields }: ViewRow): boolean => {
  const value = fields['sourcing']?.value
  return (
    value !== null &&
    typeof value === 'object' &&
    (value as { last_contract_method?: unknown }).last_contract_method === 'SS'
  )
}
