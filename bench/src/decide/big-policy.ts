import { compilePolicy, PolicyDocument } from '@entente/policy'
import type { DataRecord, Label } from '@entente/schema'
import { createRandom } from '../records.ts'

/** Thirty partners: NATO as of 2024 without the sender and Iceland, and Australia. */
export const partners =
  'ALB AUS BEL BGR CAN CZE DEU DNK ESP EST FIN FRA GBR GRC HRV HUN ITA LTU LUX LVA MKD MNE NLD NOR POL PRT ROU SVK SVN SWE'.split(
    ' ',
  )
const groups = ['AUKUS', 'FVEY', 'NATO', 'PARTNERS', 'NORDIC', 'BALTIC', 'SOUTH', 'CENTRE']
const members: Readonly<Record<string, readonly string[]>> = {
  AUKUS: ['AUS', 'GBR'],
  FVEY: ['AUS', 'CAN', 'GBR'],
  NATO: partners.filter((nation) => nation !== 'AUS'),
  PARTNERS: partners,
  NORDIC: ['DNK', 'FIN', 'NOR', 'SWE'],
  BALTIC: ['EST', 'LTU', 'LVA'],
  SOUTH: ['ESP', 'GRC', 'ITA', 'PRT'],
  CENTRE: ['CZE', 'DEU', 'HUN', 'POL', 'SVK'],
}
const levels = ['UNCLASSIFIED', 'RESTRICTED', 'CONFIDENTIAL', 'SECRET', 'TOP SECRET'] as const
const numbers = ['lead_time', 'rate_1_8_5', 'rate_max', 'rate_msr']

/** Twenty fields of a capability. */
export const fieldNames =
  'title domain description item_code line_item supplier place materials scope output rate_msr rate_1_8_5 rate_max lead_time sourcing trl mrl qualified_for unit_cost owner_contact'.split(
    ' ',
  )

/**
 * Thirty rows and more of all four effects, over most attributes; some begin or end within the policy's time.
 * @param change `everything: 'coarse'`: every number is coarsened, and the title goes by another ground and label limit; `live`: nobody looks
 * before it goes
 */
export function bigPolicy(change: {
  readonly edition: number
  readonly everything?: 'fine' | 'coarse'
  readonly live?: true
}) {
  const row = (id: number, effect: string, match: object, more: object = {}) => ({
    id: `row-${String(id).padStart(2, '0')}`,
    effect,
    match,
    reasonCode: `REASON-${id}`,
    authority: `Exercise arrangement ${id}`,
    ...more,
  })
  const to = (group: string) => ({ recipientGroups: { intersects: [group] } })
  const band = { transform: { kind: 'band', level: change.everything ?? 'fine' } }
  const rules = [
    ...groups.map((group, i) =>
      row(i, 'permit', { ...to(group), classification: { atMost: levels[i % 3] } }),
    ),
    ...groups.map((group, i) =>
      row(
        10 + i,
        'transform',
        { ...to(group), kind: { in: ['capability'] }, field: { in: numbers } },
        band,
      ),
    ),
    ...partners.slice(0, 6).map((nation, i) =>
      row(20 + i, 'permit', {
        recipient: { in: [nation] },
        field: { in: ['unit_cost', 'owner_contact'] },
        caveats: { subsetOf: ['COMMERCIAL'] },
        at: { from: '2026-01-01', until: i === 0 ? '2026-06-01' : '2027-01-01' },
      }),
    ),
    ...partners.slice(6, 10).map((nation, i) =>
      row(30 + i, 'approve', {
        recipient: { in: [nation] },
        classification: { atLeast: 'CONFIDENTIAL' },
        field: { in: ['rate_max'] },
      }),
    ),
    row(40, 'deny', { classification: { atLeast: 'SECRET' } }),
    row(41, 'deny', {
      recipient: { notIn: ['AUS', 'GBR', 'CAN'] },
      caveats: { intersects: ['ORCON'] },
    }),
    row(42, 'deny', { confidence: { in: ['F6'] } }),
    row(43, 'permit', { ...to('FVEY'), dataset: { in: ['needs'] } }),
  ]
  return compilePolicy(
    PolicyDocument.parse({
      exercise: 'EXERCISE: invented rules',
      nation: 'USA',
      edition: change.edition,
      from: '2026-01-01',
      until: '2028-01-01',
      datasets: {
        needs: { mode: 'live', title: 'Needs' },
        production: { mode: change.live ? 'live' : 'manual', title: 'Production' },
      },
      groups: Object.fromEntries(
        groups.map((code) => [
          code,
          members[code]?.map((nation) => ({ nation, from: '2020-01-01' })) ?? [],
        ]),
      ),
      ceilings: Object.fromEntries(
        partners.map((nation, i) => [nation, levels[i < 4 ? 3 : 1 + (i % 2)]]),
      ),
      bands: {
        rate: {
          levels: [
            { name: 'fine', edges: ['0', '10', '100', '500', '1000', '5000'] },
            { name: 'coarse', edges: ['0', '100', '1000'] },
          ],
        },
        months: {
          levels: [
            { name: 'fine', edges: ['0', '6', '12', '18', '24'] },
            { name: 'coarse', edges: ['0', '12', '24'] },
          ],
        },
      },
      rules,
      tests: [],
    }),
  )
}

/** Distinct labels: levels, caveats and release lists mixed, from open to nobody. */
export function makeLabels(count: number, seed: number): Label[] {
  const random = createRandom(seed)
  const names = [...groups, ...partners].sort()
  const labels = new Map<string, Label>()
  while (labels.size < count) {
    const size = 1 + random(6)
    const list = new Set(Array.from({ length: size }, () => names[random(names.length)] ?? ''))
    if (random(3) === 0) list.add('PARTNERS')
    const label: Label = {
      classification: levels[random(10) < 5 ? 0 : random(10) < 6 ? 1 : random(5)] ?? 'SECRET',
      releasableTo: [...list].sort(),
      caveats:
        random(4) === 0 ? [(['COMMERCIAL', 'NOFORN', 'ORCON'] as const)[random(3)] ?? 'ORCON'] : [],
    }
    labels.set(JSON.stringify(label), label)
  }
  return [...labels.values()]
}

/** Records of twenty fields, each field under any of the labels; values as an exercise makes them. */
export function* makeRecords(
  count: number,
  labels: readonly Label[],
  seed: number,
): Generator<DataRecord> {
  const random = createRandom(seed)
  const rate = (number: number) => ({ number: String(number), unit: 'each', per: 'month' })
  for (let i = 0; i < count; i++) {
    const valueFor = (name: string) => {
      if (name.startsWith('rate_')) return rate(1 + random(9_000))
      if (name === 'lead_time') return { total: String(1 + random(40)), unit: 'months' }
      return `Exercise ${name} ${random(1_000_000)}`
    }
    const fields = Object.fromEntries(
      fieldNames.map((name) => [
        name,
        // As from a file: no two records share an object.
        { value: valueFor(name), label: structuredCopy(labels[random(labels.length)]) },
      ]),
    )
    yield {
      id: `urn:entente:${i.toString(16).padStart(32, '0')}`,
      kind: 'capability',
      originator: 'USA',
      dataset: random(3) === 0 ? 'needs' : 'production',
      envelope: {
        asOf: '2026-02-01',
        status: 'active',
        source: { document: 'Exercise rows' },
        handling: { originator_control: false, onward_release: 'ask' },
        ...(random(2) === 0 && { confidence: 'ABCDEF'[random(6)] + String(1 + random(6)) }),
        ...(random(8) === 0 && { jurisdiction: [{ regime: 'none' as const }] }),
      },
      fields,
    }
  }
}

function structuredCopy(label: Label | undefined): Label {
  if (label === undefined) throw new Error('there are no labels')
  return { ...label, releasableTo: [...label.releasableTo], caveats: [...label.caveats] }
}
