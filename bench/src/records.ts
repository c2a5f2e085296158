/** One invented row as a source file has it: flat, and marked as an exercise. */
export type SourceRow = Readonly<Record<string, string | number | readonly string[]>>

const domains = ['Munitions', 'Sensors', 'Propulsion', 'Armour', 'Energetics', 'Guidance']
const words =
  'annual batch casting certified depot filling forging line machining motor open pressing qualified second shift site supply surge tested tooling'.split(
    ' ',
  )

/** Small seeded generator (mulberry32): every run and every process makes the same rows. */
export function createRandom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

/** Capabilities of 18 fields, about 800 bytes as plain JSON. */
export function makeRows(count: number, seed: number): SourceRow[] {
  const random = createRandom(seed)
  const pick = (from: readonly string[]) => from[random(from.length)] ?? ''
  const prose = (length: number) => Array.from({ length }, () => pick(words)).join(' ')
  return Array.from({ length: count }, (_, i) => ({
    row: i + 1,
    as_of: `2026-0${1 + random(9)}-1${random(10)}`,
    title: `Exercise capability ${i} ${prose(2)}`,
    domain: pick(domains),
    description: `Exercise row: ${prose(14)}`,
    item_code: `X${100_000 + random(900_000)}`,
    line: `L${1_000 + random(9_000)}`,
    line_title: `Exercise line ${prose(3)}`,
    supplier: `Exercise maker ${random(400)}`,
    place: `Exercise site ${random(900)}`,
    materials: [pick(words), `${pick(words)} ${pick(words)}`],
    output: String(1 + random(9_000)),
    msr: String(1 + random(100)),
    one_shift: String(100 + random(900)),
    max: String(1_000 + random(9_000)),
    admin: String(1 + random(9)),
    production: String(6 + random(20)),
    total: String(7 + random(30)),
    method: pick(['C', 'SS']),
    last_order: `2025-0${1 + random(9)}`,
    trl: 1 + random(9),
    mrl: 1 + random(10),
    programme: `Exercise programme ${random(60)}`,
  }))
}

/** The record as a natural nested object: what the peer moves and the floor stores. */
export function plainRecord(row: SourceRow) {
  const rate = (number: unknown) => ({ number, unit: 'each', per: 'month' })
  return {
    title: row['title'],
    domain: row['domain'],
    description: row['description'],
    item_code: row['item_code'],
    line_item: { code: row['line'], title: row['line_title'] },
    supplier: row['supplier'],
    place: { text: row['place'] },
    materials: row['materials'],
    scope: 'maker',
    output: { quantity: row['output'], unit: 'each', period: 'year' },
    rate_msr: rate(row['msr']),
    rate_1_8_5: rate(row['one_shift']),
    rate_max: rate(row['max']),
    lead_time: {
      admin: row['admin'],
      production: row['production'],
      total: row['total'],
      unit: 'months',
    },
    sourcing: { last_contract_method: row['method'], last_order: row['last_order'] },
    trl: row['trl'],
    mrl: row['mrl'],
    qualified_for: [row['programme']],
  }
}

/** The same for the node's import: how the rows become records of a dataset, and under which labels. */
export function mappingFor(dataset: string) {
  const column = (name: string, as?: string) => ({ column: name, ...(as && { as }) })
  const list = (...specs: unknown[]) => ({ list: specs })
  const all = (object: Record<string, unknown>, ...require: string[]) => ({ object, require })
  const rate = (name: string) =>
    all(
      { number: column(name, 'decimal'), unit: { const: 'each' }, per: { const: 'month' } },
      'number',
    )
  const label = (classification: string, group: string) => `${classification}//REL TO ${group}`
  return {
    mapping: 'bench',
    edition: 1,
    kind: 'capability',
    dataset,
    originator: 'USA',
    source: { document: { const: 'Exercise rows' }, row: column('row') },
    key: ['row'],
    asOf: column('as_of', 'date'),
    handling: { originator_control: false, onward_release: 'ask' },
    labels: {
      P: label('UNCLASSIFIED', 'PARTNERS'),
      G: label('UNCLASSIFIED', 'PARTNERS'),
      R: label('RESTRICTED', 'AUKUS'),
    },
    fields: {
      title: column('title'),
      domain: column('domain'),
      description: column('description'),
      item_code: column('item_code'),
      line_item: all({ code: column('line'), title: column('line_title') }, 'code'),
      supplier: column('supplier'),
      place: all({ text: column('place') }, 'text'),
      materials: { split: 'materials', separator: ';' },
      scope: { const: 'maker' },
      output: all(
        {
          quantity: column('output', 'decimal'),
          unit: { const: 'each' },
          period: { const: 'year' },
        },
        'quantity',
      ),
      rate_msr: rate('msr'),
      rate_1_8_5: rate('one_shift'),
      rate_max: rate('max'),
      lead_time: all(
        {
          admin: column('admin', 'decimal'),
          production: column('production', 'decimal'),
          total: column('total', 'decimal'),
          unit: { const: 'months' },
        },
        'total',
      ),
      sourcing: all(
        { last_contract_method: column('method'), last_order: column('last_order', 'date') },
        'last_contract_method',
      ),
      trl: column('trl', 'integer'),
      mrl: column('mrl', 'integer'),
      qualified_for: list(column('programme')),
    },
  }
}
