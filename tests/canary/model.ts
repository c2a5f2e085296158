import { digestOf, type Json, type Label, type Nation, rankOf, sha256 } from '@entente/schema'
import { newGroup, newNumber, newWord } from './canary.ts'

/** What a rule says of one field for one recipient. */
export type Treatment =
  | 'permit'
  | 'fine'
  | 'coarse'
  | 'country'
  | 'pseudonym'
  | 'redact'
  | 'deny'
  | 'approve'
  | 'silent'

/** In what form a partner sees a value. */
export type Seen = 'exact' | 'band' | 'country' | 'pseudonym'

/** Fields of a capability, and the form of their values. */
export const forms = {
  title: 'text',
  supplier: 'text',
  description: 'text',
  owner_contact: 'text',
  materials: 'texts',
  rate_max: 'rate',
  rate_msr: 'rate',
  lead_time: 'months',
  place: 'place',
} as const satisfies Record<string, string>
export type FieldName = keyof typeof forms
export const fieldNames = Object.keys(forms) as FieldName[]
export const isBanded = (field: string) => ['rate_max', 'rate_msr', 'lead_time'].includes(field)

/** One field that each nation alone uses and that no rule of it releases: its very name must stay at home. */
export const secretFields: Readonly<Record<string, string>> = {
  GBR: 'export_route',
  NOR: 'facility_ref',
  USA: 'item_code',
}

/** A value, and the texts by which it would be recognised. */
export interface Cell {
  readonly value: Json
  readonly needle: string
  readonly label: Label
}

/** Every fourth place does not say in which nation it is: drawn, a whole run might have none that does. */
let places = 0

export function newCell(field: string, label: Label): Cell {
  const form = forms[field as FieldName] ?? 'text'
  const number = newNumber()
  switch (form) {
    case 'rate':
      return { value: { number, unit: 'each', per: 'year' }, needle: number, label }
    case 'months':
      return { value: { total: number, unit: 'months' }, needle: number, label }
    case 'texts': {
      const word = newWord()
      return { value: ['common', word], needle: word, label }
    }
    case 'place': {
      const word = newWord()
      return {
        value: { text: word, ...(++places % 4 > 0 && { nation: 'CAN' }) },
        needle: word,
        label,
      }
    }
    case 'text': {
      const word = newWord()
      return { value: word, needle: word, label }
    }
  }
}

export interface ModelRecord {
  readonly id: string
  readonly dataset: string
  readonly cells: Map<string, Cell>
  /** Digests of the whole record as it was decided on: without salt, so they must stay at home. */
  readonly digests: Set<string>
  /** The pseudonym that each partner has been shown. */
  readonly pseudonyms: Map<Nation, string>
  withdrawn?: true
}

/** What the test knows of one nation: its records and its rules, without asking the node. */
export interface NationModel {
  readonly nation: Nation
  readonly partners: readonly [Nation, Nation]
  /** A group of the first partner alone. */
  readonly group: string
  readonly records: ModelRecord[]
  /** Texts that are nobody else's business, released or not: rules, authors, reasons, sources, groups. */
  readonly home: string[]
  /** Every needle of every value that a record ever had. */
  readonly values: Set<string>
  /** Needles of exact values that each partner might have at some time. */
  readonly released: Map<Nation, Set<string>>
  /** Records that each partner might have at some time. */
  readonly shown: Map<Nation, Set<string>>
  treatments: Readonly<Record<string, Readonly<Record<string, Treatment>>>>
  /** Partners that ask for `production` no longer. */
  readonly unsubscribed: Set<Nation>
}

export function createModel(nation: Nation, partners: readonly [Nation, Nation]): NationModel {
  const group = newGroup()
  return {
    nation,
    partners,
    group,
    records: [],
    home: [group],
    values: new Set(),
    released: new Map(partners.map((partner) => [partner, new Set()])),
    shown: new Map(partners.map((partner) => [partner, new Set()])),
    treatments: {},
    unsubscribed: new Set(),
  }
}

/** A word that must stay at home, taken down as such. */
export function atHome(model: NationModel): string {
  const word = newWord()
  model.home.push(word)
  return word
}

/** Datasets of every policy: released at once, by plan, never asked for; `unlisted` stands in no policy. */
export const ceilings = ['SECRET', 'RESTRICTED'] as const

/** What a partner must see of a record now, by field; null: nothing. Worked out from labels and rules, not by the engine. */
export function expectedOf(
  model: NationModel,
  record: ModelRecord,
  partner: Nation,
): ReadonlyMap<string, Seen> | null {
  if (record.withdrawn || (record.dataset !== 'production' && record.dataset !== 'needs'))
    return null
  if (record.dataset === 'production' && model.unsubscribed.has(partner)) return null
  const out = new Map<string, Seen>()
  for (const [field, { label, value }] of record.cells) {
    const treatment = model.treatments[partner]?.[field] ?? 'silent'
    if (!labelAllows(model, label, partner)) continue
    if (treatment === 'permit') out.set(field, 'exact')
    else if ((treatment === 'fine' || treatment === 'coarse') && isBanded(field))
      out.set(field, 'band')
    else if (treatment === 'country' && field === 'place' && /"nation"/.test(JSON.stringify(value)))
      out.set(field, 'country')
    else if (treatment === 'pseudonym' && field === 'title') out.set(field, 'pseudonym')
  }
  return out.has('title') ? out : null
}

function labelAllows(model: NationModel, label: Label, partner: Nation): boolean {
  const at = model.partners.indexOf(partner)
  const named =
    label.releasableTo.includes(partner) || (at === 0 && label.releasableTo.includes(model.group))
  const ceiling = ceilings[at] ?? 'UNCLASSIFIED'
  return (
    named &&
    rankOf(label.classification) <= rankOf(ceiling) &&
    !label.caveats.includes('NOFORN') &&
    !label.caveats.includes('COMMERCIAL')
  )
}

/** Takes down what the partners may have from now on. Called after every change, before the node is waited for. */
export function note(model: NationModel): void {
  for (const record of model.records) {
    for (const { needle } of record.cells.values()) model.values.add(needle)
    for (const partner of model.partners) {
      const expected = expectedOf(model, record, partner)
      if (expected !== null) model.shown.get(partner)?.add(record.id)
      for (const [field, level] of expected ?? [])
        if (level === 'exact')
          model.released.get(partner)?.add(record.cells.get(field)?.needle ?? '')
    }
  }
}

/** Everything of a nation that must not be found with a partner, by what it is. */
export function forbidden(model: NationModel, partner: Nation): Record<string, string[]> {
  const released = model.released.get(partner) ?? new Set()
  const values = [...model.values].filter((needle) => !released.has(needle))
  const hidden = model.records.filter(({ id }) => !model.shown.get(partner)?.has(id))
  return {
    value: values,
    digest: values.flatMap((value) => digestsOf(value)),
    'record id': hidden.map(({ id }) => id.slice('urn:entente:'.length)),
    'record digest': model.records.flatMap(({ digests }) => [...digests]),
    'field name': [secretFields[model.nation] ?? ''],
    home: model.home,
  }
}

/** Digests without salt of a value, as bytes and as text. */
function digestsOf(value: string): string[] {
  return [value, JSON.stringify(value)].flatMap((text) => {
    const digest = Buffer.from(sha256(Buffer.from(text)))
    return [digest.toString('base64url'), digest.toString('hex'), digest.toString('latin1')]
  })
}

export const recordDigest = (record: unknown): string => digestOf(record as Json)
