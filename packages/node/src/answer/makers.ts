import type { Json } from '@entente/schema'
import type { Answer } from '../node-api.ts'
import type { View, ViewRow } from '../view/view.ts'
import { compare, textOf } from './sources.ts'

/** The party that a name stands for, as people have decided; the name itself where nobody has. */
export type PartyOf = (name: string) => string

/**
 * Line items of which the nation's own records name one maker. A placeholder is no maker; names that a person has linked
 * are one. One named maker is not proof of an only source.
 */
export function askOneMaker(view: View, own: string, partyOf: PartyOf): Answer {
  const items = new Map<
    string,
    { readonly rows: ViewRow[]; readonly makers: Map<string, string> }
  >()
  for (const row of view.each({ kind: 'capability', originator: own })) {
    const item = lineItemOf(row)
    const maker = textOf(row.fields['supplier']?.value)
    if (item === null || maker === '') continue
    const found = items.get(item) ?? { rows: [], makers: new Map<string, string>() }
    found.rows.push(row)
    found.makers.set(partyOf(maker), maker)
    items.set(item, found)
  }
  const single = [...items.values()].filter(({ makers }) => makers.size === 1)
  const rows = single
    .map(({ rows: [first, ...others], makers }) => {
      if (first === undefined) throw new Error('an item without a row')
      const { fields, sender: _sender, banner: _banner, ...plain } = first
      const line = membersOf(fields['line_item']?.value)
      return {
        ...plain,
        counted: true,
        marks: [],
        cells: {
          agency: textOf(fields['agency']?.value),
          item: textOf(line['code']),
          'item title': textOf(line['title']),
          maker: [...makers.values()][0] ?? '',
          records: String(1 + others.length),
        },
      }
    })
    .sort((a, b) => compare(a.cells.agency, b.cells.agency) || compare(a.cells.item, b.cells.item))
  return {
    question: 'Which line items have one maker?',
    words: `${rows.length} of ${items.size} line items with a named maker have one maker; that is not proof of an only source`,
    rows,
  }
}

const membersOf = (value: Json | undefined): { readonly [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as { readonly [name: string]: Json })
    : {}

/** Line items are numbered by each agency for itself. */
function lineItemOf({ fields }: ViewRow): string | null {
  const { code } = membersOf(fields['line_item']?.value)
  return code === undefined ? null : JSON.stringify([textOf(fields['agency']?.value), code])
}

/** Own capabilities whose place says that it is in another nation. */
export function askMakersAbroad(view: View, own: string): Answer {
  const rows = [...view.each({ kind: 'capability', originator: own })]
    .filter(
      (row) => ![null, own].includes(nationOf(row)) && textOf(row.fields['supplier']?.value) !== '',
    )
    .map((row) => {
      const { fields, sender: _sender, banner: _banner, ...plain } = row
      return {
        ...plain,
        counted: true,
        marks: [],
        cells: {
          nation: nationOf(row) ?? '',
          maker: textOf(fields['supplier']?.value),
          place: textOf(fields['place']?.value),
        },
      }
    })
    .sort(
      (a, b) =>
        compare(a.cells.nation, b.cells.nation) ||
        compare(a.cells.maker, b.cells.maker) ||
        compare(a.title, b.title),
    )
  const makers = new Set(rows.map(({ cells }) => cells.maker)).size
  const nations = new Set(rows.map(({ cells }) => cells.nation)).size
  return {
    question: 'Which makers are abroad?',
    words: `${makers} makers in ${nations} other nations, in ${rows.length} records; a place that names no nation is not counted`,
    rows,
  }
}

function nationOf({ fields }: ViewRow): string | null {
  const { nation } = membersOf(fields['place']?.value)
  return typeof nation === 'string' ? nation : null
}
