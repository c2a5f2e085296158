import { type BandType, type Classification, digestOf, type Nation } from '@entente/schema'
import { type BandTable, compileBands } from './bands.ts'
import { parseIsoDate } from './dates.ts'
import type { Attribute, PolicyDocument } from './document.ts'
import { type Groups, openGroups } from './groups.ts'
import { type CompiledEquivalence, compileEquivalences } from './labels/equivalence.ts'
import { type CompiledReband, compileReband } from './reband.ts'
import type { CompiledRegister } from './register/compile.ts'
import type { CompiledConsents } from './retransfer/consents.ts'
import { type CompiledRow, compileRow } from './rows.ts'

/** Attributes that no gate reads. */
export type TellingAttribute = 'field' | 'kind' | 'confidence'
type Tell = (value: string | null) => boolean | null

/** A policy ready to decide with: all that a decision reads beside its question. */
export interface CompiledPolicy {
  readonly document: PolicyDocument
  /** Base64url SHA-256 over the canonical document. */
  readonly digest: string
  readonly nation: Nation
  readonly edition: number
  readonly fromMs: number
  readonly untilMs: number
  readonly datasets: ReadonlySet<string>
  readonly groups: Groups
  readonly ceilings: ReadonlyMap<Nation, Classification>
  readonly equivalences: readonly CompiledEquivalence[]
  readonly bands: ReadonlyMap<BandType, BandTable>
  /** When bands are made anew; of other types each is of the present value. */
  readonly reband: ReadonlyMap<BandType, CompiledReband>
  /** The register of agreements in force; null: there is none, and no agreement covers anything. */
  readonly register: CompiledRegister | null
  /** Consents of other nations (`withConsents`); null: this one holds none. */
  readonly consents: CompiledConsents | null
  /** Sorted by id: the order in which an officer wrote the rows means nothing. */
  readonly rows: readonly CompiledRow[]
  /** All that rows, agreements and consents ask of a field's name, a kind and a confidence: values with equal answers are decided alike. */
  readonly tells: Readonly<Record<TellingAttribute, readonly Tell[]>>
  /** All that rows ask of a whole release list; gates ask of it only whether a name means the recipient. */
  readonly releaseTells: readonly ((list: readonly string[] | null) => boolean | null)[]
  /** All moments at which an answer can change, ascending. */
  readonly cuts: readonly number[]
}

/** Compiles a parsed policy. What `checkPolicy` would refuse compiles too, and releases nothing by it. */
export function compilePolicy(document: PolicyDocument): CompiledPolicy {
  const rows = document.rules
    .map(compileRow)
    .sort((a, b) => (a.row.id < b.row.id ? -1 : a.row.id > b.row.id ? 1 : 0))
  const groups = openGroups(document.groups)
  const fromMs = parseIsoDate(document.from) ?? Infinity
  const untilMs = parseIsoDate(document.until) ?? -Infinity
  const rowCuts = rows.flatMap(({ row: { match } }) =>
    [match.at?.from, match.at?.until].map((date) =>
      date === undefined ? Infinity : (parseIsoDate(date) ?? Infinity),
    ),
  )
  const equivalences = compileEquivalences(document.equivalences ?? [])
  const cuts = [
    fromMs,
    untilMs,
    ...groups.cuts,
    ...rowCuts,
    ...equivalences.flatMap((each) => each.cuts),
  ].filter(Number.isFinite)
  return {
    document,
    digest: digestOf(document),
    nation: document.nation,
    edition: document.edition,
    fromMs,
    untilMs,
    datasets: new Set(Object.keys(document.datasets)),
    groups,
    ceilings: new Map(Object.entries(document.ceilings)),
    equivalences,
    bands: compileBands(document.bands),
    reband: compileReband(document.bands),
    register: null,
    consents: null,
    rows,
    tells: {
      field: tellsOf('field', rows),
      kind: tellsOf('kind', rows),
      confidence: tellsOf('confidence', rows),
    },
    releaseTells: tellsOf('releasableTo', rows),
    cuts: [...new Set(cuts)].sort((a, b) => a - b),
  }
}

const tellsOf = (attribute: Attribute, rows: readonly CompiledRow[]) =>
  rows.flatMap(({ conditions }) =>
    conditions.flatMap((condition) =>
      condition.attribute === attribute ? [condition.holdsOf] : [],
    ),
  )

/**
 * The same policy with a register of agreements to read.
 * @param register of the same nation
 */
export function withRegister(policy: CompiledPolicy, register: CompiledRegister): CompiledPolicy {
  const within = (lists: readonly (readonly string[] | undefined)[]): readonly Tell[] =>
    lists.flatMap((list) =>
      list === undefined ? [] : [(value) => value !== null && list.includes(value)],
    )
  const limits = [
    ...register.agreements.map(({ agreement }) => agreement),
    ...register.consents.all.map(({ consent }) => consent),
  ]
  const tells = {
    ...policy.tells,
    field: [...policy.tells.field, ...within(limits.map(({ fields }) => fields))],
    kind: [...policy.tells.kind, ...within(limits.map(({ kinds }) => kinds))],
  }
  const cuts = [...new Set([...policy.cuts, ...register.cuts])].sort((a, b) => a - b)
  return { ...policy, register, tells, cuts }
}

/** Number of the date interval that holds a moment: between two cuts no answer changes. */
export function intervalOf({ cuts }: CompiledPolicy, atMs: number): number {
  let low = 0
  let high = cuts.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((cuts[middle] ?? Infinity) <= atMs) low = middle + 1
    else high = middle
  }
  return low
}
