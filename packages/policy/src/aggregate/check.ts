import { fieldsOf, Kind, parseFieldValue } from '@entente/schema'
import type { LocatedIssue } from '../check.ts'
import { compareDecimals, parseDecimal } from '../decimal.ts'
import type { PolicyDocument } from '../document.ts'
import type { AggregateDefinition } from './definition.ts'

export type AggregateCode =
  | 'AGGREGATE_KIND'
  | 'AGGREGATE_CELL'
  | 'AGGREGATE_MEASURE'
  | 'AGGREGATE_DOMINANCE'
  | 'AGGREGATE_CONTRIBUTOR'
  | 'AGGREGATE_OVERLAP'
  | 'AGGREGATE_CHANGED'

/** Kinds that can hold what an aggregate says. */
const holding = Kind.options.filter((kind) => Object.hasOwn(fieldsOf(kind), 'aggregate'))

/** What is wrong with the aggregates of a policy, each by itself and any two beside each other. */
export function checkAggregates(document: PolicyDocument): readonly LocatedIssue[] {
  const { aggregates = [] } = document
  return [
    ...aggregates.flatMap((each, i) => checkOne(each, i, document)),
    ...aggregates.flatMap((each, i) => {
      const other = aggregates.slice(0, i).find((earlier) => isOverlapping(earlier, each))
      if (other === undefined) return []
      return [
        issueAt(each, i)(
          'AGGREGATE_OVERLAP',
          ['from', 'field'],
          `${other.id} measures the same of the same records: what the two say could be subtracted; keep one`,
        ),
      ]
    }),
  ]
}

/**
 * Aggregates that divide or measure otherwise than in an earlier edition: cells that were moved could be subtracted from what they
 * were, and so could the same cells under another name.
 * @param earlier definitions of all earlier editions
 */
export function changedAggregates(
  { aggregates = [] }: PolicyDocument,
  earlier: readonly AggregateDefinition[],
): readonly LocatedIssue[] {
  return aggregates.flatMap((each, i) => {
    const before = earlier.find(
      (was) => (was.id === each.id || isOverlapping(was, each)) && fixedOf(was) !== fixedOf(each),
    )
    if (before === undefined) return []
    return [
      issueAt(each, i)(
        'AGGREGATE_CHANGED',
        [],
        `an earlier edition published ${before.id} by other cells, of another field, or otherwise: both together would tell what neither does; write id, from, cells, contributor, measure and into as they were`,
      ),
    ]
  })
}

/** Two that measure one thing of the same records: counts always, sums and spans of one field. */
const isOverlapping = (a: AggregateDefinition, b: AggregateDefinition): boolean =>
  a.from.kind === b.from.kind &&
  a.from.dataset === b.from.dataset &&
  (a.from.field === b.from.field || (a.measure === 'count' && b.measure === 'count'))

/** What must stay for ever, as one text; the order of cells and values means nothing. */
function fixedOf({ id, from, cells, contributor, measure, into }: AggregateDefinition): string {
  const each = cells.each
    .map(({ name, values }) =>
      JSON.stringify([name, values.map((value) => JSON.stringify(value)).sort()]),
    )
    .sort()
  const { kind, dataset, field } = from
  return JSON.stringify([
    id,
    kind,
    dataset,
    field,
    cells.by,
    each,
    contributor ?? null,
    measure,
    into.dataset,
  ])
}

const issueAt =
  ({ id }: AggregateDefinition, index: number) =>
  (
    code: LocatedIssue['code'],
    where: readonly (string | number)[],
    message: string,
  ): LocatedIssue => ({
    code,
    place: [`aggregates[${index}] (${id})`, ...where].join('.'),
    message,
    path: ['aggregates', index, ...where],
  })

function checkOne(
  definition: AggregateDefinition,
  index: number,
  { datasets, bands }: PolicyDocument,
): readonly LocatedIssue[] {
  const { from, cells, contributor, measure, dominance, into } = definition
  const issues: LocatedIssue[] = []
  const report = (...args: Parameters<ReturnType<typeof issueAt>>) =>
    issues.push(issueAt(definition, index)(...args))
  const fields = fieldsOf(from.kind)
  if (!holding.includes(from.kind))
    report(
      'AGGREGATE_KIND',
      ['from', 'kind'],
      `a ${from.kind} cannot say what several records say together: use ${holding.join(', ')}`,
    )
  if (!Object.hasOwn(datasets, into.dataset))
    report(
      'UNKNOWN_DATASET',
      ['into', 'dataset'],
      `${into.dataset} is not a dataset of this policy: name it under datasets, or use ${Object.keys(datasets).join(', ')}`,
    )
  const named: readonly (readonly [string | undefined, readonly string[]])[] = [
    [from.field, ['from', 'field']],
    [cells.by, ['cells', 'by']],
    [contributor, ['contributor']],
  ]
  for (const [name, where] of named)
    if (name !== undefined && !Object.hasOwn(fields, name))
      report(
        'UNKNOWN_FIELD',
        where,
        `${name} is not a field of ${from.kind}: entente schema KIND names the fields`,
      )
  if (issues.some(({ code }) => code === 'UNKNOWN_FIELD')) return issues

  if (contributor !== undefined && !parseFieldValue(from.kind, contributor, 'name').ok)
    report(
      'AGGREGATE_CONTRIBUTOR',
      ['contributor'],
      `${contributor} is not a text that names somebody: use one, such as supplier, or leave it out`,
    )
  const seen = new Map<string, string>()
  const names = new Set<string>()
  for (const [i, { name, values }] of cells.each.entries()) {
    const where = ['cells', 'each', i]
    if (names.has(name))
      report('AGGREGATE_CELL', [...where, 'name'], `${name} names two cells: give one another name`)
    names.add(name)
    for (const [at, value] of values.entries()) {
      const key = JSON.stringify(value)
      const other = seen.get(key)
      if (other !== undefined)
        report(
          'AGGREGATE_CELL',
          [...where, 'values', at],
          `${value} stands in ${other} too: a record must be in one cell, so name it once`,
        )
      seen.set(key, name)
      const parsed = parseFieldValue(from.kind, cells.by, value)
      if (!parsed.ok)
        report(
          'AGGREGATE_CELL',
          [...where, 'values', at],
          `${value} is no value of ${from.kind}.${cells.by}, so no record can have it (${parsed.reason}); cells go by a field with one text or number`,
        )
    }
  }
  const type = measure === 'count' ? 'count' : fields[from.field]?.bandType
  if (type === undefined)
    report('AGGREGATE_MEASURE', ['measure'], `${from.field} is no quantity: it can only be counted`)
  else if (bands[type] === undefined)
    report(
      'NO_BAND',
      ['measure'],
      `it is published in bands, and this policy has none of ${type}: give bands.${type} a fine and a coarse level`,
    )
  if (measure === 'sum' && (type === 'months' || type === 'percent'))
    report(
      'AGGREGATE_MEASURE',
      ['measure'],
      `${type} of several records do not add up: publish their range`,
    )
  if (measure !== 'count' && cells.by === from.field)
    report(
      'AGGREGATE_MEASURE',
      ['cells', 'by'],
      'cells by what is measured would tell the values: divide by another field',
    )
  if (measure === 'sum' && dominance === undefined)
    report(
      'AGGREGATE_DOMINANCE',
      [],
      'a sum needs a dominance rule: write dominance: { largest: "60" }, the percent that one contributor may have of it',
    )
  const [one, two] = [dominance?.largest, dominance?.largestTwo].map(parseDecimal)
  if (one != null && two != null && compareDecimals(two, one) < 0)
    report(
      'AGGREGATE_DOMINANCE',
      ['dominance', 'largestTwo'],
      'two contributors have no less than the largest alone: raise it, or leave it out',
    )
  return issues
}
