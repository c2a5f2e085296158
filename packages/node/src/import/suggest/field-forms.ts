import { type Kind, type Plain, parseFieldValue } from '@entente/schema'
import { ImportError } from '../import-error.ts'
import type { Mapping } from '../mapping/mapping.ts'
import type { ValueSpec } from '../mapping/value-spec.ts'
import { nationOfPlace } from '../values/place.ts'
import type { RowContext } from '../values/text-in.ts'
import { valueIn } from '../values/value-in.ts'
import type { ColumnFacts } from './column-facts.ts'
import { currencyIn, periodColumn, periodIn, scaleColumn } from './unit-columns.ts'

/** A way to fill a field from a column, and the share of the column's samples that it turns into good values. */
export interface Form {
  readonly spec: ValueSpec
  readonly share: number
  /** What a person must look at, if anything. */
  readonly remark?: string
}

/** A form to be tried. `least`: share of the samples that it must turn into good values. */
interface Trial extends Omit<Form, 'share'> {
  readonly least?: number
}

const nearlyAll = 0.8
/** Enough for what nothing else looks like: a number with a wrong length is a slip, not another thing. */
const mostly = 0.5

/** Forms that a column could take, the most particular first; the first that fits the field is taken. */
function formsOf(
  { name, dates, separator, shapes, samples }: ColumnFacts,
  home: string,
  all: readonly ColumnFacts[],
): readonly Trial[] {
  const column = name
  const period = periodColumn(all, name)
  const every = periodIn(name) ?? 'year'
  const scale = scaleColumn(all, name)
  const currency = scale && currencyIn(Object.keys(scale.values))
  const decimal = { column, as: 'decimal' } as const
  const notZero = { ...decimal, missing: ['0', '0.0', '0.00'] } as const
  const parts = { split: column, separator: separator ?? ';' } as const
  const number: readonly Trial[] =
    shapes.number < 0.5
      ? []
      : [
          { spec: { column, as: 'integer' } },
          { spec: decimal },
          { spec: { column, as: 'percent' } },
          { spec: { column, as: 'degrees' } },
          {
            spec: object(
              { number: notZero, unit: { const: 'each' }, per: period ?? { const: every } },
              'number',
            ),
            remark: period
              ? 'each: is it so? 0 is taken for not given'
              : `each a ${every}: is it so? 0 is taken for not given`,
          },
          {
            spec: object({ total: notZero, unit: { const: 'months' } }, 'total'),
            remark: 'months: is it so? 0 is taken for not given',
          },
          {
            spec: object(
              { quantity: decimal, unit: { const: 'each' }, period: { const: every } },
              'quantity',
            ),
            remark: `each a ${every}: is it so?`,
          },
          {
            spec: object(
              {
                amount: scale ? { ...decimal, shift: scale } : decimal,
                currency: { const: currency ?? 'XXX' },
              },
              'amount',
            ),
            remark: scale
              ? currency
                ? 'is the currency right?'
                : 'which currency (XXX is none)?'
              : 'which currency (XXX is none), and are these thousands or millions? then `shift: 3` or `6`',
          },
        ]
  return [
    ...(shapes.percent > 0.8 && shapes.number < 0.5
      ? [{ spec: { column, as: 'percent' } } as const]
      : []),
    { spec: { column, as: 'nsn' } },
    { spec: { column, as: 'niin' } },
    { spec: { column, as: 'lei' } },
    ...(shapes.ncage > 0.8 ? [{ spec: { column, as: 'ncage' } } as const] : []),
    ...(shapes.uei > 0.8 ? [{ spec: { column, as: 'uei' } } as const] : []),
    ...(shapes.boolean > 0.9 ? [{ spec: { column, as: 'boolean' } } as const] : []),
    ...(dates === null ? [] : [{ spec: { column, as: 'date' } } as const]),
    ...(shapes.nation > 0.8
      ? [
          { spec: { column, as: 'nation' } } as const,
          { spec: { list: [{ column, as: 'nation' } as const] } },
        ]
      : []),
    ...number,
    {
      spec: { ...parts, as: 'nsn' },
      least: mostly,
      remark: 'a cell that is no NSN refuses its row',
    },
    { spec: parts },
    { spec: object({ code: { column } }, 'code') },
    {
      spec: { column, as: 'place', home },
      ...(samples.every((text) => nationOfPlace(text) === undefined) && {
        remark: `no cell names a nation: home ${home} is assumed, by which codes behind towns are read`,
      }),
    },
    { spec: { column } },
  ]
}

const object = (members: Readonly<Record<string, ValueSpec>>, ...require: string[]): ValueSpec => ({
  object: members,
  require,
})

/** Whether a field holds the name of a maker or supplier, so that placeholders are no names. */
const parties = ['supplier', 'legal_name', 'operator', 'investor']

/** The form in which a column fits a field, or null. */
export function formFor(
  facts: ColumnFacts,
  kind: Kind,
  field: string,
  style: Pick<Mapping, 'numbers' | 'dates' | 'missing'>,
  home: string,
  all: readonly ColumnFacts[],
): Form | null {
  for (const { spec, remark, least = nearlyAll } of formsOf(facts, home, all)) {
    const share = fitting(facts, spec, kind, field, style)
    if (share < least) continue
    const party = parties.includes(field) && 'column' in spec && spec.as === undefined
    return {
      spec: party ? { ...spec, as: 'party' } : spec,
      share,
      ...(remark !== undefined && { remark }),
    }
  }
  return null
}

function fitting(
  { name, samples, list, numeric }: ColumnFacts,
  form: ValueSpec,
  kind: Kind,
  field: string,
  style: Pick<Mapping, 'numbers' | 'dates' | 'missing'>,
): number {
  if (samples.length === 0) return 0
  const spec = byItself(form)
  const good = samples.filter((text) => {
    const row: RowContext = {
      cells: Object.assign(new Map([[name, list ? [text] : text]]), { isNumber: () => numeric }),
      sparse: false,
      style,
      flag: () => {},
      given: () => {},
    }
    // A 0 that is taken for "not given" is no bad value.
    if (/^0(\.0+)?$/.test(text)) return true
    const value = attempt(() => valueIn(spec, row))
    return value !== undefined && parseFieldValue(kind, field, value).ok
  })
  return good.length / samples.length
}

/** The form without what it reads of other columns: a sample cell stands alone. */
function byItself(spec: ValueSpec): ValueSpec {
  if (!('object' in spec)) return spec
  const members = Object.entries(spec.object).map(([member, part]): [string, ValueSpec] => {
    if (!('column' in part)) return [member, part]
    if (part.values !== undefined) return [member, { const: Object.values(part.values)[0] ?? '' }]
    const { shift: _shift, ...rest } = part
    return [member, rest]
  })
  return { ...spec, object: Object.fromEntries(members) }
}

function attempt(work: () => Plain | undefined): Plain | undefined {
  try {
    return work()
  } catch (error) {
    if (error instanceof ImportError) return undefined
    throw error
  }
}
