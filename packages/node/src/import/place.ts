import { nations } from '@entente/schema'

const usStates =
  'AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|DE Delaware|DC District of Columbia|FL Florida|GA Georgia|HI Hawaii|ID Idaho|IL Illinois|IN Indiana|IA Iowa|KS Kansas|KY Kentucky|LA Louisiana|ME Maine|MD Maryland|MA Massachusetts|MI Michigan|MN Minnesota|MS Mississippi|MO Missouri|MT Montana|NE Nebraska|NV Nevada|NH New Hampshire|NJ New Jersey|NM New Mexico|NY New York|NC North Carolina|ND North Dakota|OH Ohio|OK Oklahoma|OR Oregon|PA Pennsylvania|RI Rhode Island|SC South Carolina|SD South Dakota|TN Tennessee|TX Texas|UT Utah|VT Vermont|VA Virginia|WA Washington|WV West Virginia|WI Wisconsin|WY Wyoming'
const provinces =
  'AB Alberta|BC British Columbia|MB Manitoba|NB New Brunswick|NL Newfoundland and Labrador|NS Nova Scotia|NT Northwest Territories|NU Nunavut|ON Ontario|PE Prince Edward Island|QC Quebec|SK Saskatchewan|YT Yukon'

const codes = new Map<string, string>()
const names = new Map<string, string>()
for (const { alpha3, name } of nations.values()) names.set(name.toUpperCase(), alpha3)
names.set('UK', 'GBR').set('GB', 'GBR').set('USA', 'USA').set('UNITED STATES OF AMERICA', 'USA')
for (const [table, nation] of [
  [usStates, 'USA'],
  [provinces, 'CAN'],
] as const)
  for (const entry of table.split('|')) {
    codes.set(entry.slice(0, 2), nation)
    names.set(entry.slice(3).toUpperCase(), nation)
  }
// A state of the United States and a country: the name alone does not say which.
names.set('NORTHERN IRELAND', 'GBR').set('INNER MONGOLIA', 'CHN')
names.delete('GEORGIA')

const longestFirst = [...names].sort(([a], [b]) => b.length - a.length)

/**
 * Nation that a place text itself says, or undefined. The end of the text decides: a country, state or province name,
 * or, behind a town, a postal code of a US state or Canadian province. Two letters are never read as an ISO code
 * (`Ontario, CA` is California, `CN` is not China), and a town alone says nothing (`Londonderry` is in three countries).
 */
export function nationOfPlace(text: string): string | undefined {
  const place = text
    .toUpperCase()
    .replace(/[\s.]+$/, '')
    .replace(/\s+\d{5}(-\d{4})?$/, '')
  const code = /[\s,]([A-Z]{2})$/.exec(place)?.[1]
  const byCode = code === undefined ? undefined : codes.get(code)
  if (byCode) return byCode
  return longestFirst.find(
    ([name]) =>
      place === name || (place.endsWith(name) && /[^A-Z]/.test(place.at(-name.length - 1) ?? 'A')),
  )?.[1]
}
