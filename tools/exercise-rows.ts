// Rows invented for the exercise: no real meeting, alert, plant or company. Every one is imported as `source: exercise`.

type Row = Record<string, string>

const nations = ['AUS', 'CAN', 'GBR', 'NOR', 'USA'] as const
const places: Row = {
  AUS: 'Australia',
  CAN: 'Canada',
  GBR: 'United Kingdom',
  NOR: 'Norway',
  USA: 'United States',
}

const capabilities: readonly [
  nation: string,
  element: string,
  code: string,
  perMonth: number,
  months: number,
][] = [
  ['GBR', 'Exercise sonobuoy body, machined', 'EX-SB1', 400, 9],
  ['GBR', 'Exercise ejection seat cartridge', 'EX-CA2', 60, 14],
  ['GBR', 'Exercise composite rotor blade', 'EX-RB3', 8, 18],
  ['GBR', 'Exercise titanium forging, large', 'EX-TF4', 20, 16],
  ['GBR', 'Exercise gallium nitride module', 'EX-GN5', 250, 11],
  ['GBR', 'Exercise torpedo battery', 'EX-TB6', 12, 20],
  ['GBR', 'Exercise respirator canister', 'EX-RC7', 5000, 6],
  ['GBR', 'Exercise bridging panel', 'EX-BP8', 30, 10],
  ['NOR', 'Exercise rocket motor, 70 mm', 'EX-RM1', 900, 13],
  ['NOR', 'Exercise propellant charge', 'EX-PC2', 3000, 9],
  ['NOR', 'Exercise underwater positioning beacon', 'EX-UB3', 15, 8],
  ['NOR', 'Exercise cold-weather battery', 'EX-CB4', 700, 7],
  ['NOR', 'Exercise mine-hunting sonar array', 'EX-MS5', 3, 22],
  ['NOR', 'Exercise magnesium casting', 'EX-MC6', 120, 10],
  ['NOR', 'Exercise missile canister', 'EX-MC7', 25, 15],
  ['NOR', 'Exercise remote weapon mount', 'EX-RW8', 40, 12],
  ['AUS', 'Exercise phased array panel', 'EX-PA1', 10, 17],
  ['AUS', 'Exercise hull block, welded', 'EX-HB2', 1, 24],
  ['AUS', 'Exercise decoy, hovering', 'EX-DH3', 20, 15],
  ['AUS', 'Exercise rare earth magnet blank', 'EX-RE4', 2500, 8],
  ['AUS', 'Exercise protected vehicle axle', 'EX-VA5', 80, 7],
  ['AUS', 'Exercise training cartridge, blank', 'EX-TC6', 90000, 5],
  ['CAN', 'Exercise sensor turret gimbal', 'EX-SG1', 50, 12],
  ['CAN', 'Exercise flight simulator dome', 'EX-FS2', 1, 19],
  ['CAN', 'Exercise armoured vehicle hull', 'EX-AH3', 20, 14],
  ['CAN', 'Exercise sonobuoy hydrophone', 'EX-SH4', 1200, 9],
]

const shortages: readonly [title: string, kind: string, materials: string][] = [
  ['Solid rocket motors beyond present lines', 'shortfall', ''],
  ['Single maker of energetic binder', 'sole-source', ''],
  ['Radiation-hard memory out of production', 'DMSMS', 'silicon'],
  ['Welders for submarine hull steel', 'workforce', ''],
  ['Data link versions that do not talk', 'interoperability', ''],
  ['Permanent magnets made at home', 'technology', 'rare earths'],
]

const meetings: readonly [title: string, type: string, cadence: string, topics: string][] = [
  ['Munitions supply working group', 'working group', 'quarterly', 'rocket motors; energetics'],
  ['Critical minerals forum', 'forum', 'annual', 'cobalt; rare earths; gallium'],
  ['Codification liaison', 'liaison', 'monthly', 'NSN; NCAGE'],
  ['Undersea acquisition visit', 'visit', 'once', 'mine neutralization'],
  ['Logistics command post exercise', 'exercise', 'annual', 'cross-servicing'],
  ['Exchange post, systems engineer', 'exchange post', 'annual', 'systems engineering'],
  ['Exchange post, quality assurance', 'exchange post', 'annual', 'quality assurance'],
]

const notices: readonly [
  title: string,
  type: string,
  state: string,
  materials: string,
  cause: string,
][] = [
  [
    'Relabelled microcircuit found at incoming inspection',
    'counterfeit',
    'suspect',
    '',
    'remarked part',
  ],
  ['Refinery outage cuts cobalt metal', 'disruption', 'confirmed', 'cobalt', 'furnace failure'],
  ['Last-time buy announced for power converter', 'obsolescence', 'confirmed', '', 'line closure'],
  ['Seal compound changed by maker', 'product change', 'confirmed', '', 'raw material withdrawn'],
  ['Port closure delays antimony trioxide', 'disruption', 'cleared', 'antimony', 'storm'],
]

const others = (nation: string): string => nations.filter((n) => n !== nation).join('; ')

/** By table: rows of all nations. */
export const exerciseTables: Readonly<
  Record<'capabilities' | 'gaps' | 'engagements' | 'alerts', readonly Row[]>
> = {
  capabilities: capabilities.map(([originator, element, item_code, perMonth, months]) => ({
    originator,
    element,
    item_code,
    maker: `Exercise Works ${item_code} (${originator})`,
    place: places[originator] ?? '',
    rate_units: 'Monthly',
    min_rate: String(Math.ceil(perMonth / 4)),
    rate_1_8_5: String(perMonth),
    max_rate: String(perMonth * 2),
    reorder_total: String(months),
    contract_method: 'C',
    last_order: '2026-03',
    unit_cost: String(100 + perMonth * months),
    unit_cost_units: 'Dollars',
  })),
  gaps: nations.flatMap((originator) =>
    shortages.map(([title, gap_kind, materials]) => ({
      originator,
      title: `Exercise: ${title}`,
      gap_kind,
      materials,
    })),
  ),
  engagements: nations.flatMap((originator, n) =>
    meetings.map(([title, engagement_type, cadence, topics], i) => {
      const post = engagement_type === 'exchange post'
      return {
        originator,
        title: `Exercise: ${title} (${originator})`,
        engagement_type,
        host: originator,
        participants: `${originator}; ${others(originator)}`,
        cadence,
        next_date: `2026-${String(9 + (n % 4)).padStart(2, '0')}-${String(10 + i)}`,
        topics,
        actions: 'Exercise: compare lead times; name a point of contact',
        home_nation: post ? (nations[(n + 1) % nations.length] ?? '') : '',
        direction: post ? 'in' : '',
        discipline: post ? topics : '',
        ratio_group: post ? 'exercise engineers' : '',
        post_status: post ? (i % 2 ? 'open' : 'declined') : '',
        declined_reason: post && i % 2 === 0 ? 'out of ratio' : '',
        national_aim: `Exercise: aim ${1 + ((n + i) % 5)}`,
      }
    }),
  ),
  alerts: nations.flatMap((originator, n) =>
    notices.map(([title, alert_type, state, materials, cause], i) => ({
      originator,
      title: `Exercise: ${title}`,
      alert_type,
      state,
      item_refs: materials ? '' : `EX-${originator}-${i + 1}`,
      materials,
      cause,
      effect: `Exercise: ${2 + ((n + i) % 5)} months of delay`,
      reported: `2026-0${4 + (i % 3)}-1${n}`,
      source_alert_id: `EX-ALERT-${i + 1}`,
      supplier: `Exercise Works ${originator}-${i + 1}`,
      affected_units: `Exercise unit ${1 + ((n * i) % 7)}`,
    })),
  ),
}
