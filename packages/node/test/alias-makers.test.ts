import { existsSync, readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import { describe, expect, test } from 'vitest'
import {
  compareNames,
  knownCompanies,
  type LinkSuggestion,
  type Relation,
  readSourceName,
  type SourceName,
  suggestLinks,
} from '../src/alias/index.ts'
import { nationOfPlace } from '../src/import/values/place.ts'

const file = new URL(
  '../../../../shared/data/production-us-fy2017/fy2017-manufacturers.csv',
  import.meta.url,
)
const present = existsSync(file)
if (!present) process.stdout.write('skipped: 76 checks of real makers, no ../shared\n')

interface Row {
  readonly manufacturer_name: string
  readonly manufacturer_location: string
  readonly record_id: string
}

function makers(): readonly SourceName[] {
  const rows = parse<Row>(readFileSync(file), { columns: true, bom: true })
  const byName = Map.groupBy(rows, (row) => row.manufacturer_name)
  return [...byName].map(([name, of]) => {
    const places = [...new Set(of.map((row) => row.manufacturer_location))]
    return {
      name,
      count: of.length,
      places,
      nations: [...new Set(places.flatMap((place) => nationOfPlace(place, 'USA') ?? []))],
      records: [...new Set(of.map((row) => row.record_id))],
    }
  })
}

const names = present ? makers() : []
const known = knownCompanies(names)
const read = new Map(names.map((name) => [name.name, readSourceName(name, known)]))
const compare = (a: string, b: string): LinkSuggestion | undefined => {
  const [one, other] = [read.get(a), read.get(b)]
  if (one === undefined || other === undefined) throw new Error(`no such maker: ${a} or ${b}`)
  return compareNames(one, other, known)
}
const start = performance.now()
const found = suggestLinks(names, { linked: [], distinct: [] })
const timeMs = Math.round(performance.now() - start)
if (present)
  process.stdout.write(`${names.length} makers: ${found.length} suggestions in ${timeMs} ms\n`)

/** Relation to Raytheon that a reader judged right, by what is said in public of these companies. */
const raytheon: Readonly<Record<string, Relation | 'unclear'>> = {
  RAYTHEON: 'same-party',
  'Raytheon CO': 'same-party',
  'Raytheon Co': 'same-party',
  'Raytheon Company': 'same-party',
  'RAYTHEON Company': 'same-party',
  'Raytheon Corporation': 'same-party',
  'Raytheon OCO': 'same-party',
  'Raytheon - ALR-67(V)3 OCO': 'same-party',
  'Raytheon - ALR-67(V)3 USMC Cong Add': 'same-party',
  'Raytheon - ATFLIR EOSU ECP 10': 'same-party',
  'Raytheon - ECP 6279': 'same-party',
  'Raytheon - ECP 6344': 'same-party',
  'Raytheon @McKinney, TX': 'same-party',
  'Raytheon, Tuscon, AZ': 'same-party',
  'CSA MK3 RAYTHEON': 'same-party',
  'CSA MK 2 to MK4 RAYTHEON': 'same-party',
  'SIDEWALL AND 10KW TWT ORDALTs - RAYTHEON': 'same-party',
  'SOLID STATE SWITCH ASSEMBLY (SSSA) - RAYTHEON': 'same-party',
  'Raytheon Tucson': 'part-of',
  'Raytheon IDS': 'part-of',
  'Raytheon Intelligence and Information Systems': 'part-of',
  'Raytheon Network Centric Systems Company': 'part-of',
  'Raytheon Missile System': 'part-of',
  'Raytheon Missile Systems': 'part-of',
  'RAYTHEON MISSILE SYSTEMS CO': 'part-of',
  'Raytheon Missile Systems LGB (Raytheon)': 'part-of',
  'Raytheon Missile Systems LGB (Raytheon)AFG': 'part-of',
  'RAYTHEON SYSTEMS LTD': 'part-of',
  'Raytheon-SMFCD': 'unclear',
  'RAYTHEON/NORTHROP GRUMMAN': 'takes-part',
  'PROGENY/RAYTHEON': 'takes-part',
  'Thales Raytheon Systems': 'takes-part',
  'Thales Raytheon Systems (TRS)': 'takes-part',
}
const ventures = Object.keys(raytheon).filter((name) => raytheon[name] === 'takes-part')

describe.skipIf(!present)('34 strings contain Raytheon', () => {
  test('and the table judges all but Raytheon itself', () => {
    const strings = names.map(({ name }) => name).filter((name) => /raytheon/i.test(name))
    expect(strings).toHaveLength(34)
    expect(strings.filter((name) => name !== 'Raytheon').sort()).toEqual(
      Object.keys(raytheon).sort(),
    )
  })

  test.each(Object.entries(raytheon))('%s: %s', (name, relation) => {
    expect(found.some((link) => link.names.includes(name))).toBe(true)
    const link = compare('Raytheon', name)
    if (relation === 'unclear') expect(link?.confidence).toBeLessThan(80)
    else expect(link?.relation).toBe(relation)
  })

  test('no joint venture or team is taken for the company, be it through others', () => {
    const same = new Set(['Raytheon'])
    const links = found.filter(({ relation }) => relation === 'same-party')
    for (let size = 0; size < same.size; ) {
      size = same.size
      for (const { names: pair } of links)
        if (pair.some((name) => same.has(name))) for (const name of pair) same.add(name)
    }
    expect(same.size).toBeGreaterThan(15)
    for (const venture of ventures) expect(same).not.toContain(venture)
  })

  test('the works in Harlow are hardly the company in Tucson', () => {
    for (const { relation, names: pair, confidence, against } of found) {
      if (!pair.includes('RAYTHEON SYSTEMS LTD')) continue
      if (relation === 'same-party') expect(confidence).toBeLessThanOrEqual(50)
      expect(against.map(({ code }) => code)).toContain('OTHER_NATION')
    }
  })

  test('a person who says that two are different is not asked again', () => {
    const distinct: [string, string][] = [['Raytheon', 'Raytheon CO']]
    const linked = [['Raytheon CO', 'Raytheon Co', 'Raytheon Company']]
    const again = suggestLinks(names, { linked, distinct })
    const apart = new Set(linked.flat())
    for (const { names: pair } of again) {
      expect(pair.every((name) => apart.has(name))).toBe(false)
      expect(pair.includes('Raytheon') && pair.some((name) => apart.has(name))).toBe(false)
    }
  })
})

describe.skipIf(!present)('other families', () => {
  test.each<[string, string, Relation]>([
    ['LOCHEED MARTIN', 'Lockheed Martin', 'same-party'],
    ['Lockheed Martin', 'Lockheed Martin (LRIP 1)', 'same-party'],
    ['Lockheed Martin Aero', 'Lockheed Martin', 'part-of'],
    ['Lockheed Martin Missiles and Fire Control', 'Lockheed Martin', 'part-of'],
    ['LMMFC', 'Lockheed Martin Missiles and Fire Control', 'same-party'],
    ['Lockheed Martin', 'LOCKHEED MARTIN/SIPPICAN', 'takes-part'],
    ['Gen Dynamics', 'General Dynamics', 'same-party'],
    ['GD-OTS', 'GENERAL DYNAMICS OTS', 'same-party'],
    ['GD-OTS', 'General Dynamics Ordnance Tactical Systems', 'same-party'],
    ['GDOTS CANADA', 'GEN DYNAMICS ORD & TAC SYS -', 'part-of'],
    ['GENERAL DYNAMICS ORD & TAC', 'General Dynamics Ordnance Tactical Systems', 'same-party'],
    ['GEN DYNAMICS ORD & TAC SYS -', 'General Dynamics', 'part-of'],
    ['General Dynamics', 'GENERAL DYNAMICS AND ALLIANT TECH', 'takes-part'],
    ['GENERAL DYNAMCIS AND ALLIANT TECH', 'General Dynamics & Alliant Tech', 'same-party'],
    ['GENERAL DYNAMICS OTS', 'GENERAL DYNAMICS OTS/ATK', 'takes-part'],
    ['NORTROP GRUMMAN', 'Northrop Grumman', 'same-party'],
    ['Northrop Grumman', 'Northrop Grunman', 'same-party'],
    ['Northrop Grumman Amherst Systems', 'Northrop Grumman', 'part-of'],
    ['BAE Land Systems', 'BAE', 'part-of'],
    ['BAE ORDNANCE SYSTEMS', 'BAE SYSTEMS ORDNANCE SYSTEMS', 'same-party'],
    ['Boeing', 'The Boeing Company', 'same-party'],
    ['Boeing', 'Phase 1 Boeing', 'same-party'],
    ['Boeing', 'Bell-Boeing', 'takes-part'],
    ['Boeing Guidance and Repair Center (BGRC)', 'Boeing', 'part-of'],
    ['BGRC', 'Boeing Guidance and Repair Center (BGRC)', 'same-party'],
    ['ALLIANT TECH SYS INC', 'Alliant Techsystems (ATK)', 'same-party'],
    ['ORBITAL ATK', 'Orbital ATK', 'same-party'],
    ['L-3Communications', 'L3 Communications', 'same-party'],
    ['L3 Link Simulation & Training', 'L-3', 'part-of'],
    ['Block 1/Rockwell Collins', 'Rockwell Collins', 'same-party'],
    ['Rockwell Collins Simulation & Training', 'Rockwell Collins', 'part-of'],
    ['Textron', 'Textron/AAI', 'takes-part'],
    ['AAI', 'Textron/AAI', 'takes-part'],
    ['APU A Kit/L-3', 'L-3', 'same-party'],
    ['Via Sat', 'VIASAT', 'same-party'],
  ])('%s and %s: %s', (a, b, relation) => {
    expect(compare(a, b)?.relation).toBe(relation)
  })

  test.each([
    ['General Dynamics', 'General Electric'],
    ['General Dynamics Land Systems', 'General Dynamics C4 Systems'],
    ['Airborne Systems', 'Parker Systems Inc.'],
    ['ORBITAL SCIENCES', 'Orbital ATK'],
  ])('%s and %s are not suggested', (a, b) => {
    expect(compare(a, b)?.confidence ?? 0).toBeLessThan(30)
    expect(found.some(({ names: pair }) => pair.includes(a) && pair.includes(b))).toBe(false)
  })
})
