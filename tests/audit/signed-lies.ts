import { compilePolicy, composeFragment, createDecider, PolicyDocument } from '@entente/policy'
import {
  type DataRecord,
  digestDisclosure,
  digestFragment,
  fromHex,
  type Json,
  type Opening,
  peekJws,
  saltOf,
} from '@entente/schema'
import { type Bench, edit, indexOf, last, releases, type ToldLie } from './bench.ts'
import { type Line, rowsOf } from './draft.ts'

/** What it takes all keys of the liar, and witnesses who sign again, to do. */
export const signedLies: readonly ToldLie[] = [
  [
    'a field released that the policy withholds',
    'OVER_RELEASE',
    'USA',
    (told) => overRelease(told, 'domain'),
  ],
  [
    'an exact value released for a band',
    'OVER_RELEASE',
    'USA',
    (told) => overRelease(told, 'rate_max'),
  ],
  [
    'a statement gone that was acknowledged',
    'JOIN_DROPPED',
    'USA',
    (told) => {
      const index = indexOf(last(releases(told, 'GBR', 'narrow')))
      told.signAgain({ nation: 'USA', index, payload: null })
    },
  ],
  [
    'a release dated back a day',
    'TIME_WINDOW',
    'USA',
    (told) => {
      const index = indexOf(last(releases(told, 'GBR')))
      const dayMs = 86_400_000
      const at = Number((peekJws(String(last(releases(told, 'GBR'))['jws'])).payload as Line)['at'])
      edit(
        told.usa,
        'inputs.jsonl',
        (row) => row['index'] === index,
        ({ inputs }) => ({
          inputs: { ...(inputs as Line), at: at - dayMs } as Json as Line,
        }),
      )
      const payload = (said: Line) => ({ ...said, at: at - dayMs })
      told.signAgain({ nation: 'USA', index, payload })
    },
  ],
  [
    'a release to a nation that was cut off before',
    'PARTNER_REVOKED',
    'USA',
    (told) => {
      const release = indexOf(last(releases(told, 'GBR')))
      const pads = rowsOf(told.usa, 'openings.jsonl').filter(
        (row) => peekJws(String(row['jws'])).typ === 'entente-pad' && indexOf(row) < release,
      )
      const cut = { action: 'revoke', partner: 'GBR', root: `${'a'.repeat(42)}A`, reason: 'test' }
      const payload = (said: Line) => ({ ...said, ...cut })
      told.signAgain({ nation: 'USA', index: indexOf(last(pads)), payload, typ: 'entente-partner' })
    },
  ],
  [
    'an acknowledgement that its log does not commit to',
    'ACK_NOT_COMMITTED',
    'GBR',
    (told) => {
      const acks = rowsOf(told.gbr, 'openings.jsonl').filter(
        ({ jws }) => peekJws(String(jws)).typ === 'entente-ack',
      )
      const payload = (said: Line) => ({ ...said, given: [] })
      told.signAgain({ nation: 'GBR', index: indexOf(last(acks)), payload })
    },
  ],
]

/** The put of Bravo to GBR, which was never put again. */
const putOfBravo = ({ usa, records }: Bench, row: Line) => {
  const [, entry] = row['opening'] as Opening
  const leaf = rowsOf(usa, 'openings.jsonl').find(({ index }) => index === row['index'])
  const { recipient } = peekJws(String(leaf?.['jws'])).payload as { recipient?: string }
  return entry.op === 'put' && entry.record === records.bravo && recipient === 'GBR'
}

/** A fragment with one more field, or an exact value for a band, that GBR then holds. */
function overRelease(told: Bench, field: string): void {
  const {
    usa,
    gbr,
    records: { bravo },
  } = told
  const row = rowsOf(usa, 'entries.jsonl').find((each) => putOfBravo(told, each)) ?? {}
  const [inputs] = rowsOf(usa, 'inputs.jsonl').filter(({ index }) => index === row['index'])
  const atMs = Number((inputs?.['inputs'] as Line | undefined)?.['at'])
  const source = rowsOf(usa, 'sources.jsonl').find(({ record }) => (record as Line)['id'] === bravo)
  const record = source?.['record'] as DataRecord
  const key = rowsOf(usa, 'record-keys.jsonl').find((each) => each['record'] === bravo)
  const recordKey = fromHex(String(key?.['key']))
  const policy = PolicyDocument.parse(rowsOf(usa, 'policies.jsonl')[0]?.['policy'])
  const { fragment } = composeFragment(
    { record, recipient: 'GBR', purpose: 'use', atMs, sender: 'USA' },
    createDecider(compilePolicy(policy)),
    { recordKey },
  )
  if (fragment === null) throw new Error('Bravo does not go')
  const value = record.fields[field]?.value ?? null
  const others = fragment.disclosures.filter(([, name]) => name !== field)
  const disclosures = [...others, [saltOf(recordKey, field, value), field, value] as const]
  const sd = disclosures.map((each) => digestDisclosure(each)).sort()
  const digest = digestFragment({ ...fragment.head, sd })
  const fields = disclosures.map(([, name]) => name).sort()
  edit(
    usa,
    'entries.jsonl',
    (each) => putOfBravo(told, each),
    ({ opening }) => {
      const [salt, entry] = opening as Opening
      const authority = fields.map(() => 'Exercise arrangement')
      return { opening: [salt, { ...entry, digest, fields, authority }] }
    },
  )
  edit(
    gbr,
    'held.jsonl',
    (each) => each['record'] === bravo,
    () => ({ digest, fields }),
  )
  told.signAgain()
}
