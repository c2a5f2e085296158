import { createUnion, type LinkDecisions, partiesOf } from '../link-decisions.ts'
import type { ReadName } from '../name/read-name.ts'

/** Names that are taken together while suggestions are chosen: those decided, and those of stronger suggestions. */
export interface PartyNames {
  readonly partyOf: (name: string) => string
  /** Whether a person said that the two parties differ, or they have met. */
  readonly haveMet: (a: string, b: string) => boolean
  readonly meet: (a: string, b: string) => void
  readonly join: (a: string, b: string) => void
  /**
   * The name with the places, nations and records of all names of its party. What speaks against a link cannot be
   * escaped by a spelling that gives no place.
   */
  readonly withParty: (name: string) => ReadName | undefined
}

interface Where {
  readonly towns: ReadonlySet<string>
  readonly nations: readonly string[]
  readonly records: readonly string[]
}

export function createPartyNames(names: readonly ReadName[], decisions: LinkDecisions): PartyNames {
  const decided = partiesOf(decisions.linked)
  const { find, join } = createUnion()
  const partyOf = (name: string): string => find(decided(name))
  const met = new Map<string, ReadonlySet<string>>()
  const around = (party: string): ReadonlySet<string> => met.get(party) ?? new Set()
  const meet = (a: string, b: string): void => {
    const [one, other] = [partyOf(a), partyOf(b)]
    met.set(one, new Set([...around(one), other]))
    met.set(other, new Set([...around(other), one]))
  }
  for (const [a, b] of decisions.distinct) meet(a, b)

  const byName = new Map(names.map((name) => [name.name, name]))
  const where = new Map<string, Where>()
  for (const name of names) {
    const party = partyOf(name.name)
    where.set(party, together(where.get(party), { ...name, records: name.records ?? [] }))
  }
  return {
    partyOf,
    meet,
    haveMet: (a, b) => around(partyOf(a)).has(partyOf(b)),
    join: (a, b) => {
      const [one, other] = [partyOf(a), partyOf(b)]
      if (one === other) return
      join(one, other)
      const [stays, gone] = find(one) === one ? [one, other] : [other, one]
      for (const party of around(gone)) meet(stays, party)
      const more = where.get(gone)
      if (more !== undefined) where.set(stays, together(where.get(stays), more))
    },
    withParty: (name) => {
      const [read, at] = [byName.get(name), where.get(partyOf(name))]
      return read === undefined ? undefined : { ...read, ...at }
    },
  }
}

const together = (a: Where | undefined, { towns, nations, records }: Where): Where => ({
  towns: new Set([...(a?.towns ?? []), ...towns]),
  nations: [...new Set([...(a?.nations ?? []), ...nations])].sort(),
  records: [...new Set([...(a?.records ?? []), ...records])],
})
