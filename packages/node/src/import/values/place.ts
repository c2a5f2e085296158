import { nationFromAlpha2, nations } from '@entente/schema'

/** States and provinces that people write behind a town, by the nation they belong to. */
const regions = {
  USA: 'AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|DE Delaware|DC District of Columbia|FL Florida|GA Georgia|HI Hawaii|ID Idaho|IL Illinois|IN Indiana|IA Iowa|KS Kansas|KY Kentucky|LA Louisiana|ME Maine|MD Maryland|MA Massachusetts|MI Michigan|MN Minnesota|MS Mississippi|MO Missouri|MT Montana|NE Nebraska|NV Nevada|NH New Hampshire|NJ New Jersey|NM New Mexico|NY New York|NC North Carolina|ND North Dakota|OH Ohio|OK Oklahoma|OR Oregon|PA Pennsylvania|RI Rhode Island|SC South Carolina|SD South Dakota|TN Tennessee|TX Texas|UT Utah|VT Vermont|VA Virginia|WA Washington|WV West Virginia|WI Wisconsin|WY Wyoming',
  CAN: 'AB Alberta|BC British Columbia|MB Manitoba|NB New Brunswick|NL Newfoundland and Labrador|NS Nova Scotia|NT Northwest Territories|NU Nunavut|ON Ontario|PE Prince Edward Island|QC Quebec|SK Saskatchewan|YT Yukon',
  AUS: 'ACT Australian Capital Territory|NSW New South Wales|NT Northern Territory|QLD Queensland|SA South Australia|TAS Tasmania|VIC Victoria|WA Western Australia',
} as const

const names = new Map<string, string>()
for (const { alpha3, name } of nations.values()) names.set(name.toUpperCase(), alpha3)
for (const [name, nation] of Object.entries({
  UK: 'GBR',
  GB: 'GBR',
  USA: 'USA',
  'UNITED STATES OF AMERICA': 'USA',
  'NORTHERN IRELAND': 'GBR',
  'REPUBLIC OF KOREA': 'KOR',
  'KOREA, REPUBLIC OF': 'KOR',
  'KOREA, NORTH': 'PRK',
  'CZECH REPUBLIC': 'CZE',
  TURKEY: 'TUR',
  BURMA: 'MMR',
  SWAZILAND: 'SWZ',
  MACEDONIA: 'MKD',
  'BOSNIA AND HERZEGOVINA': 'BIH',
  "COTE D'IVOIRE": 'CIV',
  'DR OF THE CONGO': 'COD',
  'TRINIDAD AND TOBAGO': 'TTO',
  'INNER MONGOLIA': 'CHN',
}))
  names.set(name, nation)

/** Words of the longest name, where a hyphen parts words too. */
export const maxNameWords = Math.max(
  ...[...names.keys()].map((name) => name.split(/[\s-]+/).length),
)

/** Alpha-3 of a nation's English name, letter case aside; undefined for a name that is not of a nation. */
export const nationOfName = (name: string): string | undefined => names.get(name.toUpperCase())

const codes = new Map<string, Set<string>>()
const placeNames = new Map(names)
for (const [nation, list] of Object.entries(regions))
  for (const entry of list.split('|')) {
    const [code = '', name = ''] = [
      entry.slice(0, entry.indexOf(' ')),
      entry.slice(entry.indexOf(' ') + 1),
    ]
    codes.set(code, (codes.get(code) ?? new Set()).add(nation))
    placeNames.set(name.toUpperCase(), nation)
  }
// A state of the United States and a country: the name alone does not say which.
placeNames.delete('GEORGIA')

const longestFirst = [...placeNames].sort(([a], [b]) => b.length - a.length)

/**
 * Nation that a place text itself says, or undefined. The end of the text decides: a country, state or province name,
 * or, behind a town, the code of a state or province. A code that could be another nation's too (`CA`: California or
 * Canada; `WA`: Washington or Western Australia) is read only as one of `home`, the nation whose file it is. Two letters
 * are never read as an ISO code, a town alone says nothing (`Londonderry` is in three countries), and neither does a name
 * behind another (`Hawaii / Guam`, `Serbia and Montenegro`).
 */
export function nationOfPlace(text: string, home?: string): string | undefined {
  const place = text
    .toUpperCase()
    // A run is tried from its first character alone.
    .replace(/(?<![\s.])[\s.]+$/, '')
    .replace(/(?<!\s)\s+\d{5}(-\d{4})?$/, '')
  const code = /[\s,]([A-Z]{2,3})$/.exec(place)?.[1]
  return (code === undefined ? undefined : nationOfCode(code, home)) ?? nationOfLastName(place)
}

function nationOfLastName(place: string): string | undefined {
  const [name = '', nation] =
    longestFirst.find(
      ([each]) =>
        place === each ||
        (place.endsWith(each) && /[^\p{L}\p{M}]/u.test(place.at(-each.length - 1) ?? 'A')),
    ) ?? []
  const before = place.slice(0, place.length - name.length).trimEnd()
  return /(?:[/&]|\bAND)$/.test(before) ? undefined : nation
}

function nationOfCode(code: string, home: string | undefined): string | undefined {
  const having = codes.get(code)
  if (having === undefined) return undefined
  if (home !== undefined && having.has(home)) return home
  const [only, another] = having
  return another === undefined && nationFromAlpha2(code) === undefined ? only : undefined
}
