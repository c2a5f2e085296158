import type { Json } from '@entente/schema'
import type { Answer } from '../node-api.ts'
import type { View, ViewRow } from '../view/view.ts'

/**
 * Which allied sites and makers give a material. Foreign-owned, suspended, not yet producing and group-only rows are
 * shown and marked, not counted: each is a source on paper only. The nation's own rows are left out.
 */
export function askSources(view: View, own: string, material: string): Answer {
  const wanted = material.trim().toLowerCase()
  const rows = [
    ...view.list({ kind: 'facility', limit: Number.MAX_SAFE_INTEGER }),
    ...view.list({ kind: 'capability', limit: Number.MAX_SAFE_INTEGER }),
  ]
    .filter((row) => row.originator !== own && names(row, wanted))
    .map((row) => {
      const marks = marksOf(row)
      const { fields, sender: _sender, banner: _banner, ...plain } = row
      return {
        ...plain,
        counted: marks.length === 0,
        marks,
        cells: {
          name: row.title,
          place: textOf(fields['address']?.value ?? fields['place']?.value),
          operating: textOf(fields['operating_status']?.value ?? fields['scope']?.value),
          ownership: textOf(fields['operator']?.value ?? fields['supplier']?.value),
        },
      }
    })
    .sort(
      (a, b) =>
        Number(b.counted) - Number(a.counted) ||
        compare(a.originator, b.originator) ||
        compare(a.title, b.title),
    )
  const counted = rows.filter((row) => row.counted).length
  return {
    question: `Which allied sources of ${wanted}?`,
    words: `${counted} allied source${counted === 1 ? '' : 's'} of ${wanted} counted; ${rows.length - counted} more marked and not counted`,
    rows,
  }
}

function marksOf({ originator, fields }: ViewRow): string[] {
  const parent = fields['parent_nation']?.value
  const status = fields['operating_status']?.value
  return [
    typeof parent === 'string' && parent !== originator ? 'foreign-owned' : null,
    fields['materials_basis']?.value === 'group' ? 'group-only' : null,
    fields['scope']?.value === 'national total' ? 'national-total' : null,
    status === 'suspended' ? 'suspended' : null,
    status === 'developing' ? 'not-producing' : null,
  ].filter((mark) => mark !== null)
}

/** Sources name a material in many ways ("Electrolytic cobalt"): every word asked for must stand in one of them. */
function names({ fields }: ViewRow, wanted: string): boolean {
  const value = fields['materials']?.value
  const asked = wordsOf(wanted)
  if (!Array.isArray(value) || asked.length === 0) return false
  return value.some((each) => {
    const words = typeof each === 'string' ? wordsOf(each) : []
    return asked.every((word) => words.includes(word))
  })
}

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []

/** A text, or that of a place; of a place that came as its country only, the nation. */
export function textOf(value: Json | undefined): string {
  if (typeof value === 'string') return value
  if (value === undefined || value === null || typeof value !== 'object') return ''
  // A place may have come as its country only.
  const text = 'text' in value ? value['text'] : 'nation' in value ? value['nation'] : ''
  return typeof text === 'string' ? text : ''
}

export const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
