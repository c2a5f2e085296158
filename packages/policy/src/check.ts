import { type BandType, fieldsOf, Kind } from '@entente/schema'
import { type AggregateCode, checkAggregates } from './aggregate/check.ts'
import { formIssues } from './check-form.ts'
import { unfitForAny, unfitOf } from './check-transform.ts'
import { parseIsoDate } from './dates.ts'
import { compareDecimals, parseDecimal } from './decimal.ts'
import { type Attribute, type Bands, PolicyDocument, type Row } from './document.ts'
import { checkEquivalences, type EquivalenceCode } from './labels/check-equivalences.ts'
import { failingTests } from './policy-tests.ts'
import { tooWideAt } from './reband.ts'

export type IssueCode =
  | 'FORM'
  | 'DUPLICATE_ID'
  | 'INTERVAL'
  | 'UNKNOWN_GROUP'
  | 'UNKNOWN_DATASET'
  | 'UNKNOWN_FIELD'
  | 'NO_SELECTOR'
  | 'NO_RECIPIENT'
  | 'OPERATOR'
  | 'NO_BAND'
  | 'NO_PLACE'
  | 'NO_NAME'
  | 'BAND_ORDER'
  | 'BAND_NESTING'
  | 'BAND_CHANGED'
  | 'BAND_MARGIN'
  | 'SUPPLIER_TWICE'
  | 'UNKNOWN_SUPPLIER'
  | 'SUPPLIER_SEAL'
  | EquivalenceCode
  | AggregateCode
  | 'TEST'

/** Something that must be mended before the policy is signed. `place` is a path such as `rules[3] (can-capacity).match.field`. */
export interface Issue {
  readonly code: IssueCode
  readonly place: string
  readonly message: string
}

/** An issue with the way to it through the document, so that whoever read a file can name the line. */
export interface LocatedIssue extends Issue {
  readonly path: readonly PropertyKey[]
}

/**
 * Everything wrong with a policy file; empty when it may be signed. An unknown attribute, operator, nation, group, field,
 * dataset or date is refused, never ignored; so is a row that releases without saying to whom, or whose condition on a label
 * would let a stricter label gain access.
 * @param earlierBands bands of the nation's earlier editions: two partitions of one scale would intersect to the exact value
 */
export function checkPolicy(input: unknown, earlierBands?: Bands): readonly Issue[] {
  return locateIssues(input, earlierBands).map(({ code, place, message }) => ({
    code,
    place,
    message,
  }))
}

/** As `checkPolicy`, with the way to each issue. */
export function locateIssues(input: unknown, earlierBands?: Bands): readonly LocatedIssue[] {
  const parsed = PolicyDocument.safeParse(input)
  if (!parsed.success) return formIssues(parsed.error.issues, input)
  const document = parsed.data
  const issues = [
    ...checkSpans(document),
    ...document.rules.flatMap((row, i) => checkRow(row, i, document)),
    ...checkIds('rules', document.rules),
    ...checkBands(document.bands, earlierBands),
    ...checkEquivalences(document.equivalences ?? []),
    ...checkIds('aggregates', document.aggregates ?? []),
    ...checkAggregates(document),
  ]
  if (issues.length > 0) return issues
  return failingTests(document).map(({ index, message }) => ({
    code: 'TEST',
    place: `tests[${index}]`,
    message,
    path: ['tests', index],
  }))
}

/** @param list name of the member that holds them */
export function checkIds(
  list: string,
  items: readonly { readonly id: string }[],
): readonly LocatedIssue[] {
  const seen = new Set<string>()
  return items.flatMap(({ id }, i): LocatedIssue[] => {
    if (!seen.has(id)) {
      seen.add(id)
      return []
    }
    return [
      {
        code: 'DUPLICATE_ID',
        place: `${list}[${i}] (${id})`,
        message: `${id} stands twice: give one of the two another id`,
        path: [list, i, 'id'],
      },
    ]
  })
}

function checkSpans({ from, until, groups }: PolicyDocument): readonly LocatedIssue[] {
  const members = Object.entries(groups).flatMap(([code, stays]) =>
    stays.map((stay, i) => ({
      place: `groups.${code} (${stay.nation})`,
      path: ['groups', code, i, 'until'],
      ...stay,
    })),
  )
  return [{ place: 'until', path: ['until'], from, until }, ...members].flatMap((span) =>
    spanIssues(span, span.from, span.until),
  )
}

export function spanIssues(
  { place, path }: Pick<LocatedIssue, 'place' | 'path'>,
  from?: string,
  until?: string,
): readonly LocatedIssue[] {
  if (from === undefined || until === undefined) return []
  if ((parseIsoDate(from) ?? Infinity) < (parseIsoDate(until) ?? -Infinity)) return []
  const message = `${until} is not after ${from}: until is the first moment at which it no longer holds`
  return [{ code: 'INTERVAL', place, message, path }]
}

/** Operators that cannot let a stricter label, or a nation in no group, gain access. */
const monotone = {
  releasing: {
    classification: ['atMost'],
    caveats: ['subsetOf'],
    releasableTo: ['intersects'],
    recipientGroups: ['intersects'],
    regimes: ['subsetOf'],
    origins: ['subsetOf'],
    agreements: ['intersects'],
  },
  withholding: {
    classification: ['atLeast'],
    caveats: ['intersects'],
    releasableTo: ['subsetOf'],
    recipientGroups: ['intersects', 'subsetOf'],
    regimes: ['intersects'],
    origins: ['intersects'],
    agreements: ['subsetOf'],
  },
} as const satisfies Record<string, Partial<Record<Attribute, readonly string[]>>>

function checkRow(row: Row, index: number, document: PolicyDocument): readonly LocatedIssue[] {
  const { match } = row
  const place = `rules[${index}] (${row.id}).match`
  const issues: LocatedIssue[] = []
  /** @param deeper the rest of the way, where the place stops short of it */
  const report = (
    code: IssueCode,
    where: readonly string[],
    message: string,
    deeper: readonly (string | number)[] = [],
  ) =>
    issues.push({
      code,
      place: [place, ...where].join('.'),
      message,
      path: ['rules', index, 'match', ...where, ...deeper],
    })
  const releases = row.effect === 'permit' || row.effect === 'transform'

  for (const [attribute, condition] of Object.entries(match)) {
    const used = Object.keys(condition ?? {})
    if (used.length === 0)
      report('NO_SELECTOR', [attribute], 'has no operator: give it one, or take it out')
    const sides: Partial<Record<string, readonly string[]>> =
      monotone[releases ? 'releasing' : 'withholding']
    const allowed = sides[attribute]
    for (const operator of used)
      if (allowed !== undefined && !allowed.includes(operator))
        report(
          'OPERATOR',
          [attribute, operator],
          `a ${row.effect} row may use ${allowed.join(', ')} on ${attribute}: else a stricter label gains access`,
        )
  }
  if (Object.keys(match).length === 0)
    report('NO_SELECTOR', [], 'matches everything: name what it is about')
  if (
    releases &&
    match.recipient?.in === undefined &&
    match.recipientGroups?.intersects === undefined &&
    match.agreements?.intersects === undefined
  )
    report(
      'NO_RECIPIENT',
      [],
      'must name the recipients: recipient in, recipientGroups intersects, or agreements intersects (its parties)',
    )

  for (const attribute of ['recipientGroups', 'releasableTo'] as const)
    for (const [operator, names] of Object.entries(match[attribute] ?? {}))
      for (const [i, group] of (names ?? []).entries())
        if (group.length > 3 && !Object.hasOwn(document.groups, group))
          report(
            'UNKNOWN_GROUP',
            [],
            `${group} is not a group of this policy: ${oneOf(Object.keys(document.groups), 'name it under groups, with its members and their dates')}`,
            [attribute, operator, i],
          )
  for (const [operator, names] of Object.entries(match.dataset ?? {}))
    for (const [i, dataset] of (names ?? []).entries())
      if (!Object.hasOwn(document.datasets, dataset))
        report(
          'UNKNOWN_DATASET',
          ['dataset'],
          `${dataset} is not a dataset of this policy: ${oneOf(Object.keys(document.datasets), 'name it under datasets')}`,
          [operator, i],
        )
  const selected = match.kind?.in ?? Kind.options
  for (const [operator, names] of Object.entries(match.field ?? {}))
    for (const [i, field] of (names ?? []).entries()) {
      const kinds = selected.filter((kind) => Object.hasOwn(fieldsOf(kind), field))
      if (kinds.length === 0)
        report(
          'UNKNOWN_FIELD',
          ['field'],
          `${field} is not a field of ${selected.join(', ')}: entente schema KIND names the fields`,
          [operator, i],
        )
      for (const kind of kinds) {
        if (row.effect !== 'transform') break
        const unfit = unfitOf(row.transform, kind, field, document.bands)
        if (unfit !== null) report(unfit.code, ['field'], unfit.message, [operator, i])
      }
    }
  if (row.effect === 'transform' && match.field?.in === undefined) {
    const unfit = unfitForAny(row.transform)
    if (unfit !== null) report(unfit.code, ['field'], unfit.message)
  }
  const span = { place: `${place}.at`, path: ['rules', index, 'match', 'at'] }
  issues.push(...spanIssues(span, match.at?.from, match.at?.until))
  return issues
}

const oneOf = (names: readonly string[], otherwise: string): string =>
  names.length === 0 ? otherwise : `use ${names.join(', ')}, or ${otherwise}`

function checkBands(bands: Bands, earlier: Bands | undefined): readonly LocatedIssue[] {
  const issues: LocatedIssue[] = []
  for (const [type, { levels, reband }] of Object.entries(bands)) {
    const place = `bands.${type}`
    const path = ['bands', type]
    const levelAt = (wanted: string) => [
      ...path,
      'levels',
      levels.findIndex(({ name }) => name === wanted),
    ]
    const fine = levels.filter(({ name }) => name === 'fine')
    const coarse = levels.filter(({ name }) => name === 'coarse')
    if (fine.length !== 1 || coarse.length !== 1)
      issues.push({
        code: 'BAND_NESTING',
        place,
        message: 'needs one fine and one coarse level',
        path,
      })
    for (const { name, edges } of levels)
      if (!edges.every((edge, i) => i === 0 || isBelow(edges[i - 1] ?? '', edge)))
        issues.push({
          code: 'BAND_ORDER',
          place: `${place}.${name}`,
          message: 'edges must ascend: sort them, each once',
          path: levelAt(name),
        })
    const inner = fine[0]?.edges ?? []
    const stray = (coarse[0]?.edges ?? []).find((edge) => !inner.some((e) => isSame(e, edge)))
    if (stray !== undefined)
      issues.push({
        code: 'BAND_NESTING',
        place: `${place}.coarse`,
        message: `${stray} is not an edge of the fine level: the two would intersect; take it out, or give it to the fine level too`,
        path: levelAt('coarse'),
      })
    const wide = reband === undefined ? null : tooWideAt(inner, reband)
    if (wide !== null)
      issues.push({
        code: 'BAND_MARGIN',
        place: `${place}.reband.margin`,
        message: `${reband?.margin} percent of the edge ${wide} reach to the middle of a fine band beside it: take a smaller margin, or wider bands`,
        path: [...path, 'reband', 'margin'],
      })
    const before = earlier?.[type as BandType]
    if (before !== undefined && edgesOf(before.levels) !== edgesOf(levels))
      issues.push({
        code: 'BAND_CHANGED',
        place,
        message:
          'earlier editions have other edges: both bands together would tell the value; write the edges that were',
        path,
      })
  }
  return issues
}

type Levels = NonNullable<Bands[BandType]>['levels']
const edgesOf = (levels: Levels) =>
  levels
    .map(({ name, edges }) => `${name}:${edges.join()}`)
    .sort()
    .join(';')

function compare(a: string, b: string): number | null {
  const [left, right] = [parseDecimal(a), parseDecimal(b)]
  return left === null || right === null ? null : compareDecimals(left, right)
}
const isBelow = (a: string, b: string) => (compare(a, b) ?? 0) < 0
const isSame = (a: string, b: string) => compare(a, b) === 0
