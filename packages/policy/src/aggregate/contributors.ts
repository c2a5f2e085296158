import { type DataRecord, digestOf, fieldsOf, type Json } from '@entente/schema'
import { compareDecimals, type Decimal } from '../decimal.ts'
import type { AggregateDefinition } from './definition.ts'
import type { Mark } from './novelty.ts'
import { addDecimals, formatDecimal, type Quantity, quantityOf, unitFieldOf } from './quantity.ts'

/** One party whose values a cell holds. */
export interface Contributor {
  /** All its records added up; of a count zero. */
  readonly total: Decimal
  readonly least: Decimal
  readonly greatest: Decimal
  readonly mark: Mark
}

/** What a cell is made of. */
export interface CellContent {
  readonly contributors: readonly Contributor[]
  /** Used, by id. */
  readonly records: readonly DataRecord[]
  readonly unit: string
  /** Why nothing can be said of the cell, whoever is in it: a value that cannot be read, two units, a record without a contributor. */
  readonly faults: readonly string[]
}

/** Fields whose values a published cell tells something of. */
export function fieldsUsed({ from, cells, contributor }: AggregateDefinition): readonly string[] {
  const type = fieldsOf(from.kind)[from.field]?.bandType
  const unit = unitFieldOf(from.kind, type)
  return [...new Set([from.field, cells.by, contributor ?? [], unit ?? []].flat())]
}

/** Whether a record of a cell counts on a day: active, in its validity, not silent on what is measured, edited apart nowhere that is used. */
export function isCounted(
  definition: AggregateDefinition,
  { envelope, fields }: DataRecord,
  day: string,
): boolean {
  return (
    envelope.status === 'active' &&
    (envelope.validFrom ?? day).slice(0, 10) <= day &&
    day <= (envelope.validTo ?? day).slice(0, 10) &&
    (fields[definition.from.field]?.value ?? null) !== null &&
    !fieldsUsed(definition).some((name) => fields[name]?.conflict)
  )
}

/** The cell of a record, by its name; null: it is in none, or is not of what is measured. */
export function cellOf(
  { cells, from }: AggregateDefinition,
  { kind, dataset, fields }: DataRecord,
): string | null {
  if (kind !== from.kind || dataset !== from.dataset || Object.hasOwn(fields, 'aggregate'))
    return null
  const value = fields[cells.by]?.value
  return cells.each.find(({ values }) => values.some((each) => each === value))?.name ?? null
}

/**
 * Groups the records of one cell by contributor. Names that differ only in case, marks or blanks are one contributor, and so are names that
 * people have linked (`partyOf`): a maker under two spellings must not count for two.
 */
export function readCell(
  definition: AggregateDefinition,
  records: readonly DataRecord[],
  partyOf: (name: string) => string,
): CellContent {
  const { from, contributor, measure } = definition
  const type = fieldsOf(from.kind)[from.field]?.bandType
  const faults: string[] = []
  const units = new Set<string>()
  const read: Read[] = []
  const sorted = records.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  for (const record of sorted) {
    const who = contributor === undefined ? record.id : nameOf(record.fields[contributor]?.value)
    const quantity =
      measure === 'count' || type === undefined
        ? { amount: zero, unit: 'contributors' }
        : quantityOf(record, from.field, type)
    if (who === null) faults.push(`${record.id} does not say its ${contributor}`)
    if (quantity === null) faults.push(`${from.field} of ${record.id} cannot be read as a quantity`)
    if (who === null || quantity === null) continue
    units.add(quantity.unit)
    const name = contributor === undefined ? who : plain(partyOf(who))
    read.push({ record, who: name, ...quantity })
  }
  const list = [...units].sort()
  if (list.length > 1) faults.push(`${from.field} is in different units: ${list.join('; ')}`)
  return {
    contributors: [...Map.groupBy(read, ({ who }) => who)]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([who, of]) => contributorOf(who, of)),
    records: sorted,
    unit: list[0] ?? '',
    faults,
  }
}

interface Read extends Quantity {
  readonly record: DataRecord
  readonly who: string
}

function contributorOf(who: string, of: readonly Read[]): Contributor {
  const amounts = of.map(({ amount }) => amount).sort(compareDecimals)
  const total = addDecimals(amounts)
  const digest = (amount: Decimal, unit: string): string => digestOf([formatDecimal(amount), unit])
  const units = [...new Set(of.map(({ unit }) => unit))].sort().join()
  return {
    total,
    least: amounts[0] ?? zero,
    greatest: amounts.at(-1) ?? zero,
    mark: {
      contributor: digestOf([who]),
      total: digest(total, units),
      records: of.map(({ record, amount, unit }) => [record.id, digest(amount, unit)] as const),
    },
  }
}

const zero: Decimal = { units: 0n, scale: 0 }

const nameOf = (value: Json | undefined): string | null =>
  typeof value === 'string' && plain(value) !== '' ? value : null

/** Letters and digits alone, in one case. */
const plain = (name: string): string =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
