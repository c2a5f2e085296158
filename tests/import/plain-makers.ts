/** The rows of fy2017-manufacturers.csv as a plain script reads them, without the importer. */
export type Plain = Readonly<Record<string, string>>

const begins = [
  'tbd',
  'tbs',
  'tbc (',
  'unknown',
  'unkown',
  'nnknown',
  'various',
  'varioius',
  'multiple',
  'mutiple',
  'n/a',
  'to be ',
  'not specified',
  'not applicable',
  'see end item',
  'undetermined',
  'classified',
  'details classified',
  'new mfg',
  'new - tbd',
  'new contract',
  'manufacturer tbd',
  'source selection',
  'location tbd',
  'tb d',
  '@tbd',
]
const equals = ['na', 'x', '.', 'var', 'other']
/** A part, and behind it nobody yet. */
const part =
  /^(AN\/SPS-73|ASIST|VOR\/ILS|G&C|Afterbody|HPTS|HF-ALE|CNS|ALCS|MOM|AC Elec|CVLR|SATCOM|Training|FAB-T).*(TBD|Multiple)/

/** Whether a cell that should name somebody, or some place, names none. */
export function namesNobody(cell: string): boolean {
  const text = cell.trim().toLowerCase()
  return (
    equals.includes(text) || begins.some((word) => text.startsWith(word)) || part.test(cell.trim())
  )
}

export const keyOf = (row: Plain): string =>
  JSON.stringify(
    ['record_id', 'item_title', 'cost_element', 'manufacturer_name', 'manufacturer_location'].map(
      (column) => row[column],
    ),
  )

/** Of the rows with one key, the place of the one ordered last; of equals, the first. */
export function standing(rows: readonly Plain[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  rows.forEach((row, at) => {
    const before = found.get(keyOf(row))
    const date = (i: number) => rows[i]?.['last_order_award_date'] ?? ''
    if (before === undefined || date(at) > date(before)) found.set(keyOf(row), at)
  })
  return found
}

/** Months of a repeat order, else of a first one; undefined where neither is given. */
export function monthsOf(row: Plain): number | undefined {
  const [repeat, first] = ['reorder', 'initial'].map((of) =>
    Number(row[`${of}_total_lead_time_months`]),
  )
  return repeat || first || undefined
}

/** The nation other than the USA that the end of a place text names. */
export function abroad(place: string): string | undefined {
  if (place === 'MONTREAL, CN' || place === 'Burlington, ON') return 'CAN'
  const end = /(?:^|[ ,-])(canada|uk|gb|united kingdom|germany|belgium|japan)$/i.exec(place)?.[1]
  return end && nations[end.toUpperCase() as keyof typeof nations]
}
const nations = {
  CANADA: 'CAN',
  UK: 'GBR',
  GB: 'GBR',
  'UNITED KINGDOM': 'GBR',
  GERMANY: 'DEU',
  BELGIUM: 'BEL',
  JAPAN: 'JPN',
} as const

/** Dollars of a cost in dollars, thousands or millions, as exact text; undefined for 0. */
export function dollarsOf(cost: string, unit: string): string | undefined {
  const [whole = '', fraction = ''] = cost.split('.')
  const billionths = BigInt(whole + fraction.padEnd(9, '0'))
  const dollars =
    billionths * { Dollars: 1n, Thousands: 1_000n, Millions: 1_000_000n }[unit as 'Dollars']
  const rest = String(dollars % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '')
  if (dollars === 0n) return undefined
  return `${dollars / 1_000_000_000n}${rest && `.${rest}`}`
}
