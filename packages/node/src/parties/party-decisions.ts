import type { Json, Nation } from '@entente/schema'
import { type LinkDecisions, partiesOf } from '../alias/link-decisions.ts'
import type { View, ViewRow } from '../view/view.ts'

/** What people decided of names, as the nation's own supplier records say it. */
export interface PartyDecisions extends LinkDecisions {
  /** `[part, whole]`. */
  readonly parts: readonly (readonly [string, string])[]
  /** `[member, venture]`. */
  readonly members: readonly (readonly [string, string])[]
}

/**
 * Reads the decisions: `aliases` and `same_as` say that names are one party, `distinct_from` that they are not, `part_of`
 * and `members` what else they are to each other.
 */
export function decisionsIn(view: View, nation: Nation): PartyDecisions {
  const suppliers = [...view.each({ kind: 'supplier', originator: nation })].filter(
    ({ provenAtMs }) => provenAtMs === null,
  )
  const names = new Map(suppliers.map((row) => [row.id, nameOf(row)]))
  const ref = (row: ViewRow, field: string) => {
    const value = row.fields[field]?.value
    return typeof value === 'string' ? (names.get(value) ?? value) : undefined
  }
  return {
    linked: suppliers.flatMap((row) => {
      const same = ref(row, 'same_as')
      const set = [nameOf(row), ...textsOf(row, 'aliases'), ...(same === undefined ? [] : [same])]
      return set.length > 1 ? [set] : []
    }),
    distinct: suppliers.flatMap((row) =>
      textsOf(row, 'distinct_from').map((other) => [nameOf(row), other] as const),
    ),
    parts: suppliers.flatMap((row) => {
      const whole = ref(row, 'part_of')
      return whole === undefined ? [] : [[nameOf(row), whole] as const]
    }),
    members: suppliers.flatMap((row) =>
      textsOf(row, 'members').map((member) => [member, nameOf(row)] as const),
    ),
  }
}

/** One name for each party, as the decisions have it. */
export const partyOfIn = (view: View, nation: Nation): ((name: string) => string) =>
  partiesOf(decisionsIn(view, nation).linked)

export const nameOf = ({ fields, title }: ViewRow): string => {
  const value = fields['legal_name']?.value
  return typeof value === 'string' ? value : title
}

/** Texts of a list field; none where it is no list. */
export function textsOf(
  { fields }: { readonly fields: Readonly<Record<string, { readonly value: Json }>> },
  name: string,
): readonly string[] {
  const value = fields[name]?.value
  return Array.isArray(value)
    ? value.filter((each): each is string => typeof each === 'string')
    : []
}
