import { type BandType, fieldsOf, Kind } from '@entente/schema'
import { parseIsoDate } from './dates.ts'
import { compareDecimals, parseDecimal } from './decimal.ts'
import { type Attribute, type Bands, PolicyDocument, type Row } from './document.ts'
import { checkEquivalences, type EquivalenceCode } from './labels/check-equivalences.ts'
import { failingTests } from './policy-tests.ts'

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
  | 'BAND_ORDER'
  | 'BAND_NESTING'
  | 'BAND_CHANGED'
  | EquivalenceCode
  | 'TEST'

/** Something that must be mended before the policy is signed. `place` is a path such as `rules[3] (can-capacity).match.field`. */
export interface Issue {
  readonly code: IssueCode
  readonly place: string
  readonly message: string
}

/**
 * Everything wrong with a policy file; empty when it may be signed. An unknown attribute, operator, nation, group, field,
 * dataset or date is refused, never ignored; so is a row that releases without saying to whom, or whose condition on a label
 * would let a stricter label gain access.
 * @param earlierBands bands of the nation's earlier editions: two partitions of one scale would intersect to the exact value
 */
export function checkPolicy(input: unknown, earlierBands?: Bands): readonly Issue[] {
  const parsed = PolicyDocument.safeParse(input)
  if (!parsed.success)
    return parsed.error.issues.map(({ path, message }) => ({
      code: 'FORM',
      place: placeOf(path, input),
      message,
    }))
  const document = parsed.data
  const issues = [
    ...checkSpans(document),
    ...document.rules.flatMap((row, i) => checkRow(row, `rules[${i}] (${row.id})`, document)),
    ...checkIds('rules', document.rules),
    ...checkBands(document.bands, earlierBands),
    ...checkEquivalences(document.equivalences ?? []),
  ]
  if (issues.length > 0) return issues
  return failingTests(document).map(({ index, message }) => ({
    code: 'TEST',
    place: `tests[${index}]`,
    message,
  }))
}

/** Path in the file, with the id of the row or agreement so that an officer finds it. */
export function placeOf(path: readonly PropertyKey[], input: unknown): string {
  let place = ''
  let node: unknown = input
  for (const step of path) {
    node = typeof node === 'object' && node !== null ? Reflect.get(node, step) : undefined
    place += typeof step === 'number' ? `[${step}]` : `${place === '' ? '' : '.'}${String(step)}`
    if (
      (path[0] === 'rules' || path[0] === 'agreements') &&
      typeof step === 'number' &&
      typeof node === 'object' &&
      node !== null
    )
      place += 'id' in node && path.indexOf(step) === 1 ? ` (${String(node.id)})` : ''
  }
  return place === '' ? 'file' : place
}

/** @param list name of the member that holds them */
export function checkIds(
  list: string,
  items: readonly { readonly id: string }[],
): readonly Issue[] {
  const seen = new Set<string>()
  return items.flatMap(({ id }, i): Issue[] => {
    if (!seen.has(id)) {
      seen.add(id)
      return []
    }
    return [{ code: 'DUPLICATE_ID', place: `${list}[${i}] (${id})`, message: `${id} stands twice` }]
  })
}

function checkSpans({ from, until, groups }: PolicyDocument): readonly Issue[] {
  const members = Object.entries(groups).flatMap(([code, stays]) =>
    stays.map((stay) => ({ place: `groups.${code} (${stay.nation})`, ...stay })),
  )
  return [{ place: 'until', from, until }, ...members].flatMap((span) =>
    spanIssues(span.place, span.from, span.until),
  )
}

export function spanIssues(place: string, from?: string, until?: string): readonly Issue[] {
  if (from === undefined || until === undefined) return []
  if ((parseIsoDate(from) ?? Infinity) < (parseIsoDate(until) ?? -Infinity)) return []
  return [{ code: 'INTERVAL', place, message: `${until} is not after ${from}` }]
}

/** Operators that cannot let a stricter label, or a nation in no group, gain access. */
const monotone = {
  releasing: {
    classification: ['atMost'],
    caveats: ['subsetOf'],
    releasableTo: ['intersects'],
    recipientGroups: ['intersects'],
    regimes: ['subsetOf'],
    agreements: ['intersects'],
  },
  withholding: {
    classification: ['atLeast'],
    caveats: ['intersects'],
    releasableTo: ['subsetOf'],
    recipientGroups: ['intersects', 'subsetOf'],
    regimes: ['intersects'],
    agreements: ['subsetOf'],
  },
} as const satisfies Record<string, Partial<Record<Attribute, readonly string[]>>>

function checkRow(row: Row, place: string, document: PolicyDocument): readonly Issue[] {
  const { match } = row
  const issues: Issue[] = []
  const report = (code: IssueCode, where: string, message: string) =>
    issues.push({ code, place: `${place}.match${where}`, message })
  const releases = row.effect === 'permit' || row.effect === 'transform'

  for (const [attribute, condition] of Object.entries(match)) {
    const used = Object.keys(condition ?? {})
    if (used.length === 0) report('NO_SELECTOR', `.${attribute}`, 'has no operator')
    const sides: Partial<Record<string, readonly string[]>> =
      monotone[releases ? 'releasing' : 'withholding']
    const allowed = sides[attribute]
    for (const operator of used)
      if (allowed !== undefined && !allowed.includes(operator))
        report(
          'OPERATOR',
          `.${attribute}.${operator}`,
          `a ${row.effect} row may use ${allowed.join(', ')} on ${attribute}: else a stricter label gains access`,
        )
  }
  if (Object.keys(match).length === 0)
    report('NO_SELECTOR', '', 'matches everything: name what it is about')
  if (
    releases &&
    match.recipient?.in === undefined &&
    match.recipientGroups?.intersects === undefined &&
    match.agreements?.intersects === undefined
  )
    report(
      'NO_RECIPIENT',
      '',
      'must name the recipients: recipient in, recipientGroups intersects, or agreements intersects (its parties)',
    )

  const groups = [
    ...(match.recipientGroups?.intersects ?? []),
    ...(match.recipientGroups?.subsetOf ?? []),
    ...(match.releasableTo?.intersects ?? []),
    ...(match.releasableTo?.subsetOf ?? []),
  ]
  for (const group of groups)
    if (group.length > 3 && !Object.hasOwn(document.groups, group))
      report('UNKNOWN_GROUP', '', `${group} is not a group of this policy`)
  for (const dataset of [...(match.dataset?.in ?? []), ...(match.dataset?.notIn ?? [])])
    if (!Object.hasOwn(document.datasets, dataset))
      report('UNKNOWN_DATASET', '.dataset', `${dataset} is not a dataset of this policy`)
  const selected = match.kind?.in ?? Kind.options
  for (const field of [...(match.field?.in ?? []), ...(match.field?.notIn ?? [])]) {
    const kinds = selected.filter((kind) => Object.hasOwn(fieldsOf(kind), field))
    if (kinds.length === 0)
      report('UNKNOWN_FIELD', '.field', `${field} is not a field of ${selected.join(', ')}`)
    if (row.effect === 'transform' && row.transform.kind === 'band')
      for (const kind of kinds) {
        const type = fieldsOf(kind)[field]?.bandType
        if (type === undefined || document.bands[type] === undefined)
          report('NO_BAND', '.field', `${kind}.${field} has no bands in this policy`)
      }
  }
  issues.push(...spanIssues(`${place}.match.at`, match.at?.from, match.at?.until))
  return issues
}

function checkBands(bands: Bands, earlier: Bands | undefined): readonly Issue[] {
  const issues: Issue[] = []
  for (const [type, { levels }] of Object.entries(bands)) {
    const place = `bands.${type}`
    const fine = levels.filter(({ name }) => name === 'fine')
    const coarse = levels.filter(({ name }) => name === 'coarse')
    if (fine.length !== 1 || coarse.length !== 1)
      issues.push({ code: 'BAND_NESTING', place, message: 'needs one fine and one coarse level' })
    for (const { name, edges } of levels)
      if (!edges.every((edge, i) => i === 0 || isBelow(edges[i - 1] ?? '', edge)))
        issues.push({ code: 'BAND_ORDER', place: `${place}.${name}`, message: 'edges must ascend' })
    const inner = fine[0]?.edges ?? []
    const stray = (coarse[0]?.edges ?? []).find((edge) => !inner.some((e) => isSame(e, edge)))
    if (stray !== undefined)
      issues.push({
        code: 'BAND_NESTING',
        place: `${place}.coarse`,
        message: `${stray} is not an edge of the fine level: the two would intersect`,
      })
    const before = earlier?.[type as BandType]
    if (before !== undefined && edgesOf(before.levels) !== edgesOf(levels))
      issues.push({
        code: 'BAND_CHANGED',
        place,
        message: 'earlier editions have other edges: both bands together would tell the value',
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
