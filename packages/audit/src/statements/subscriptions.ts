import {
  applyAsked,
  type Kind,
  peekJws,
  type Selection,
  Subscribe,
  selects,
  statementType,
} from '@entente/schema'
import type { Bundle } from '../bundle/read-bundle.ts'

/** One record as its recipient would know it. */
export interface AskedRecord {
  readonly kind: Kind
  readonly topics: readonly string[]
}

/** What partners have asked for, by the statements held from them. */
export interface Asked {
  /** At some time the nation had asked for the dataset, and not for this record as it then was: it may have been dropped for that. */
  readonly mayHaveLeft: (nation: string, dataset: string, record: AskedRecord | null) => boolean
  /** What the nation has asked for of the dataset is shown, and this record was never in it. */
  readonly wasNever: (nation: string, dataset: string, record: AskedRecord) => boolean
}

/**
 * Every selection that a nation had of a dataset, one after the other, by the statements held from it.
 * @param hears whether partners ask at this node; a further node of a nation is told by the one that hands over, and shows no word of theirs
 */
export function askedIn(bundle: Pick<Bundle, 'received'>, hears = true): Asked {
  const selections = new Map<string, Selection[]>()
  for (const { from, jws } of bundle.received) {
    try {
      const { typ, payload } = peekJws(jws)
      if (typ !== statementType('subscribe')) continue
      const said = Subscribe.parse(payload)
      const key = `${from} ${said.dataset}`
      const before = selections.get(key) ?? []
      selections.set(key, [...before, applyAsked(before.at(-1) ?? [], said)])
    } catch {
      // A statement that cannot be read is found where it is checked.
    }
  }
  const had = (nation: string, dataset: string) => selections.get(`${nation} ${dataset}`) ?? []
  return {
    mayHaveLeft: (nation, dataset, record) =>
      !hears ||
      had(nation, dataset).some((selection) =>
        record === null ? selection.length === 0 : !selects(selection, record.kind, record.topics),
      ),
    wasNever: (nation, dataset, { kind, topics }) => {
      const all = had(nation, dataset)
      return all.length > 0 && !all.some((selection) => selects(selection, kind, topics))
    },
  }
}
