import { caveats, classifications, fieldsOf, Jurisdiction, Kind } from '@entente/schema'
import { type PolicyDocument, Purpose } from '../document.ts'

/** Entity types of the exported schema. */
export type CodeList =
  | 'Agreement'
  | 'Caveat'
  | 'Classification'
  | 'Confidence'
  | 'Dataset'
  | 'Field'
  | 'Group'
  | 'Kind'
  | 'Nation'
  | 'Purpose'
  | 'Regime'
  | 'ReleaseName'

/**
 * Stands for every code that a policy does not name: operators only compare with what a row lists, so all of these are
 * alike to it. No code is spelt so.
 */
export const other = '(other)'

/** All codes of each list that a policy can tell apart: closed lists whole, open ones as far as the policy names them. */
export type Vocabulary = Readonly<Record<CodeList, ReadonlySet<string>>>

export function vocabularyOf(document: PolicyDocument): Vocabulary {
  const groups = new Set(Object.keys(document.groups))
  const nations = new Set([
    document.nation,
    ...Object.keys(document.ceilings),
    ...Object.values(document.groups).flatMap((stays) => stays.map(({ nation }) => nation)),
  ])
  const datasets = new Set(Object.keys(document.datasets))
  const fields = new Set(Kind.options.flatMap((kind) => Object.keys(fieldsOf(kind))))
  const released = new Set<string>()
  const agreements = new Set<string>()
  for (const { match } of document.rules) {
    const add = (into: Set<string>, ...lists: (readonly string[] | undefined)[]) => {
      for (const list of lists) for (const code of list ?? []) into.add(code)
    }
    add(nations, match.recipient?.in, match.recipient?.notIn)
    add(nations, match.originator?.in, match.originator?.notIn)
    add(nations, match.origins?.subsetOf, match.origins?.intersects)
    add(groups, match.recipientGroups?.subsetOf, match.recipientGroups?.intersects)
    add(released, match.releasableTo?.subsetOf, match.releasableTo?.intersects)
    add(agreements, match.agreements?.subsetOf, match.agreements?.intersects)
    add(datasets, match.dataset?.in, match.dataset?.notIn)
    add(fields, match.field?.in, match.field?.notIn)
  }
  const open = (codes: ReadonlySet<string>) => new Set([...[...codes].sort(), other])
  return {
    Agreement: open(agreements),
    Caveat: new Set(caveats),
    Classification: new Set(classifications),
    Confidence: new Set(
      ['A', 'B', 'C', 'D', 'E', 'F'].flatMap((source) =>
        ['1', '2', '3', '4', '5', '6'].map((content) => source + content),
      ),
    ),
    Dataset: open(datasets),
    Field: open(fields),
    Group: open(groups),
    Kind: new Set(Kind.options),
    Nation: open(nations),
    Purpose: new Set(Purpose.options),
    Regime: new Set(Jurisdiction.shape.regime.options),
    ReleaseName: open(new Set([...nations, ...groups, ...released])),
  }
}
