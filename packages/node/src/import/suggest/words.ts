const short: Readonly<Record<string, string>> = {
  mfr: 'maker',
  mfg: 'maker',
  manufacturer: 'maker',
  manufactured: 'maker',
  vendor: 'supplier',
  contractor: 'supplier',
  company: 'supplier',
  firm: 'supplier',
  qty: 'quantity',
  amt: 'amount',
  loc: 'place',
  location: 'place',
  address: 'place',
  lat: 'latitude',
  lon: 'longitude',
  lng: 'longitude',
  long: 'longitude',
  desc: 'description',
  nr: 'number',
  num: 'number',
  pn: 'part',
  org: 'organisation',
  organization: 'organisation',
  program: 'programme',
  prod: 'production',
  min: 'minimum',
  msr: 'minimum',
  sustaining: 'minimum',
  max: 'maximum',
  surge: 'maximum',
  out: 'output',
  ref: 'reference',
  country: 'nation',
  state: 'region',
  province: 'region',
  county: 'region',
  mineral: 'material',
  commodity: 'material',
  alloy: 'material',
  metal: 'material',
  nomenclature: 'name',
  designation: 'name',
  owner: 'operator',
}

/** Words of a column's or field's name: split at case, digits and signs, in the singular, usual short forms written out. */
export function wordsOf(name: string): readonly string[] {
  return name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .map((word) => (word.length > 3 ? word.replace(/(?<![su])s$/, '').replace(/ie$/, 'y') : word))
    .map((word) => short[word] ?? word)
}

/** How alike two lists of words are: shared words over all of them, 0 to 1. */
export function likeness(a: readonly string[], b: readonly string[]): number {
  const [x, y] = [new Set(a), new Set(b)]
  const shared = [...x].filter((word) => y.has(word)).length
  const all = new Set([...x, ...y]).size
  return all === 0 ? 0 : shared / all
}
