import { createHmac } from 'node:crypto'
import type { DataRecord, Nation } from '@entente/schema'
import {
  type Appended,
  acknowledge,
  appendToFeed,
  type BuiltNation,
  closePeriod,
  createFederation,
  deliver,
  digestText,
  type Federation,
  type FederationLies,
  hashText,
  type Line,
  publish,
  putInForce,
  row,
} from './bundle-builder.ts'
import {
  asq,
  mk58,
  mk58Gone,
  policyOf,
  recordKey,
  toGbrFirst,
  toGbrSecond,
  toNor,
  versionText,
} from './exercise-data.ts'
import { type Draft, exportBundle } from './export-bundle.ts'
import { canonical, secondFragment } from './second-fragment.ts'

/** What a story can be told to lie about; untouched, it is true. */
export interface Lies extends FederationLies {
  readonly policy?: Parameters<typeof putInForce>[3]
  /** The first release of the USA to GBR, of AN/ASQ-235 and MK-58. */
  readonly release?: ReleaseLie
  /** The release to GBR that puts AN/ASQ-235 again, under the second policy. */
  readonly again?: ReleaseLie
  /** The release that takes MK-58 back from GBR. */
  readonly narrow?: ReleaseLie
  /** Before the periods are closed. */
  readonly late?: (told: Told) => void
  /** After the periods are closed. */
  readonly end?: (told: Told) => void
  readonly bundles?: Readonly<Partial<Record<Nation, (draft: Draft) => void>>>
}

export interface ReleaseLie {
  readonly statement?: Line
  readonly entry?: (entry: Line) => void
  readonly inputs?: Line
  readonly policy?: 'first' | 'second'
  /** Values that go beyond what the policy gives, under the field list that it gives. */
  readonly values?: Line
  /** Publish with these witnesses. */
  readonly witnesses?: readonly Nation[]
}

export interface Told {
  readonly federation: Federation
  readonly usa: BuiltNation
  readonly gbr: BuiltNation
  readonly nor: BuiltNation
  readonly policies: Record<'first' | 'second', { index: number; digest: string }>
  readonly sent: (Appended & { feed: string; seq: number })[]
}

export type Change =
  | { readonly put: DataRecord; readonly values: Line }
  | { readonly drop: DataRecord; readonly fields?: readonly string[] }

/** Seals one release and publishes it; the bundle gets everything that replay needs. */
export function release(
  { federation, policies }: Pick<Told, 'federation' | 'policies'>,
  from: BuiltNation,
  to: BuiltNation,
  edition: 'first' | 'second',
  changes: readonly Change[],
  lie: ReleaseLie = {},
): Appended & { feed: string; seq: number } {
  const index = from.entries.length
  const policy = policies[lie.policy ?? edition]
  const openings = changes.map((change, i) => {
    const entry = entryOf(change, lie.values ?? {})
    lie.entry?.(entry)
    const salt = hashText(`${index} ${i}`).subarray(0, 16).toString('base64url')
    return [salt, entry]
  })
  const digests = new Map(openings.map((opening) => [digestText(canonical(opening)), opening]))
  const records = changes.map((change) => ('put' in change ? change.put : change.drop))
  let inputs: Line = {}
  const sealed = appendToFeed(
    federation,
    from,
    'release',
    {
      recipient: to.nation,
      dataset: 'capabilities',
      effect: 'put' in (changes[0] ?? {}) ? 'widen' : 'narrow',
      entries: [...digests.keys()].sort(),
      policy: policy.index,
      ...lie.statement,
    },
    (salt) => {
      inputs = {
        engine: 'entente-policy/3',
        policy: policy.digest,
        recipient: to.nation,
        purpose: 'use',
        at: federation.now,
        validUntil: Date.parse('2027-09-01'),
        records: records.map((record) => [record.id, versionText(record)]),
        ...(lie.statement?.['at'] !== undefined && { at: lie.statement['at'] }),
        ...lie.inputs,
      }
      const commitment = createHmac('sha256', salt).update(canonical(inputs)).digest('base64url')
      return { inputs: commitment }
    },
  )
  row(from, 'inputs.jsonl', { index, inputs })
  for (const opening of digests.values()) row(from, 'entries.jsonl', { index, opening })
  for (const record of records) {
    once(from, 'sources.jsonl', { digest: versionText(record), record })
    once(from, 'record-keys.jsonl', { record: record.id, key: recordKey(record).toString('hex') })
  }
  publish(federation, from, lie.witnesses && [...lie.witnesses])
  deliver(from, to, sealed)
  for (const [, entry] of digests.values()) hold(to, from, sealed.feed, entry as Line)
  acknowledge(federation, to, from, sealed)
  return sealed
}

function once(nation: BuiltNation, file: string, line: Line): void {
  const lines = (nation.rows[file] ?? []).map(canonical)
  if (!lines.includes(canonical(line))) row(nation, file, line)
}

function entryOf(change: Change, extra: Line): Line {
  if ('drop' in change)
    return { op: 'drop', record: change.drop.id, ...(change.fields && { fields: change.fields }) }
  const values = { ...change.values }
  const { digest } = secondFragment(change.put, { ...values, ...extra }, recordKey(change.put))
  const fields = Object.keys(values).sort()
  const authority = fields.map((field) => (field === 'lead_time' ? 'Agreement 2' : 'Treaty 1'))
  return { op: 'put', record: change.put.id, digest, fields, authority }
}

/** The recipient's view: the latest put, less what was dropped. */
function hold(to: BuiltNation, from: BuiltNation, feed: string, entry: Line): void {
  const held = to.rows['held.jsonl'] ?? []
  const { op, record, digest, fields } = entry
  const before = held.find((one) => one['record'] === record && one['feed'] === feed)
  const others = held.filter((one) => one !== before)
  if (op === 'put') others.push({ from: from.nation, feed, record, digest, fields })
  else if (before !== undefined && fields !== undefined)
    others.push({
      ...before,
      fields: (before['fields'] as string[]).filter((one) => !(fields as string[]).includes(one)),
    })
  to.rows['held.jsonl'] = others
}

/**
 * Three nations. GBR asks the USA for capabilities; the USA releases two records to GBR and one to NOR, then a second
 * policy takes the lead time away, then one record is withdrawn. All acknowledge, all publish.
 */
export function tell(lies: Lies = {}): Told {
  const federation = createFederation(['GBR', 'NOR', 'USA'], 2, lies)
  const [gbr, nor, usa] = ['GBR', 'NOR', 'USA'].map((name) => federation.nations.get(name))
  if (!gbr || !nor || !usa) throw new RangeError('three nations are needed')
  const ask = { recipient: 'USA', dataset: 'capabilities', action: 'subscribe' }
  const asked = appendToFeed(federation, gbr, 'subscribe', ask)
  publish(federation, gbr)
  deliver(gbr, usa, asked)

  const first = putInForce(federation, usa, policyOf(1), lies.policy)
  publish(federation, usa)
  const told: Told = {
    federation,
    usa,
    gbr,
    nor,
    sent: [],
    policies: { first, second: { index: -1, digest: '' } },
  }
  const put = (record: DataRecord, values: (title: string) => Line): Change => ({
    put: record,
    values: values(String(record.fields['title']?.value)),
  })
  const both = [put(asq, toGbrFirst), put(mk58, toGbrFirst)]
  told.sent.push(release(told, usa, gbr, 'first', both, lies.release))
  told.sent.push(release(told, usa, nor, 'first', [put(asq, toNor)]))
  told.policies.second = putInForce(federation, usa, policyOf(2))
  publish(federation, usa)
  const fields = [
    { drop: asq, fields: ['lead_time'] },
    { drop: mk58, fields: ['lead_time'] },
  ]
  told.sent.push(release(told, usa, gbr, 'second', fields))
  const again = [put(asq, toGbrSecond), put(mk58, toGbrSecond)]
  told.sent.push(release(told, usa, gbr, 'second', again, lies.again))
  told.sent.push(release(told, usa, gbr, 'second', [{ drop: mk58Gone }], lies.narrow))
  lies.late?.(told)
  for (const one of [usa, gbr, nor]) closePeriod(federation, one)
  for (const one of [gbr, nor])
    row(one, 'partner-checkpoints.jsonl', { origin: usa.origin, note: usa.note })
  lies.end?.(told)
  return told
}

/** The bundles of a story. */
export function bundlesOf(
  { usa, gbr, nor }: Told,
  lies: Lies['bundles'] = {},
): Map<string, Uint8Array>[] {
  return [usa, gbr, nor].map((one) => exportBundle(one, lies[one.nation]))
}
