import { type FindingCode, verifyBundles } from '@entente/audit'
import { verifyEd25519 } from '@entente/node'
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
import { formatNote, parseNote } from '@entente/tlog'
import { beforeAll, expect, test } from 'vitest'
import { copyDraft, type Draft, type Line, pack, rowsOf } from './draft.ts'
import { type LiveBundles, liveBundles } from './live-bundles.ts'
import { type Lie, recast } from './recast.ts'

let live: LiveBundles
beforeAll(async () => {
  live = await liveBundles()
}, 60_000)

interface Bench {
  readonly drafts: readonly [gbr: Draft, nor: Draft, usa: Draft]
  readonly gbr: Draft
  readonly nor: Draft
  readonly usa: Draft
  /** Tells the story again as the drafts now have it, signed by everybody. */
  readonly signAgain: (...lies: Lie[]) => void
}

function bench(): Bench {
  const drafts = live.drafts.map(copyDraft) as [Draft, Draft, Draft]
  const [gbr, nor, usa] = drafts
  const signAgain = (...lies: Lie[]) => recast(drafts, live.keysOf, live.roster, lies)
  return { drafts, gbr, nor, usa, signAgain }
}

const audit = (bundles: readonly ReadonlyMap<string, Uint8Array>[]) =>
  verifyBundles(
    bundles.map((files) => new Map(files)),
    {
      roster: live.roster,
      verify: verifyEd25519,
      atMs: Date.now(),
    },
  )
const auditOf = (...drafts: readonly Draft[]) => audit(drafts.map(pack))
const codes = ({ findings }: ReturnType<typeof audit>) => [
  ...new Set(findings.map(({ nation, code }) => `${nation} ${code}`)),
]

test('bundles of live nodes have nothing to find, and every decision is replayed', () => {
  const report = auditOf(...bench().drafts)
  expect(report.findings).toEqual([])
  expect(report.ok).toBe(true)
  expect(Object.values(report.nations).map(({ checkedContent }) => checkedContent)).toEqual([
    true,
    true,
    true,
  ])
})

test('told again without a lie, the bundles are the same byte for byte', () => {
  const told = bench()
  told.signAgain()
  const textsOf = (draft: Draft) =>
    [...pack(draft)].map(([path, bytes]) => [path, Buffer.from(bytes).toString('latin1')])
  expect(Object.fromEntries(told.drafts.flatMap(textsOf))).toEqual(
    Object.fromEntries(live.drafts.flatMap(textsOf)),
  )
})

const edit = (
  draft: Draft,
  path: string,
  at: (row: Line) => boolean,
  change: (row: Line) => Line,
) => {
  const rows = rowsOf(draft, path)
  const i = rows.findIndex(at)
  if (i < 0) throw new Error(`no such row in ${path}`)
  rows[i] = { ...rows[i], ...change(rows[i] as Line) }
}
const without = (draft: Draft, path: string, at: (row: Line) => boolean) => {
  const rows = rowsOf(draft, path)
  draft.rows[path] = rows.filter((row) => !at(row))
  if (draft.rows[path].length === rows.length) throw new Error(`no such row in ${path}`)
}
const any = () => true

/** Leaves of the USA that release to a nation, oldest first. */
const releases = ({ usa }: Bench, recipient: string, effect = 'widen') =>
  rowsOf(usa, 'openings.jsonl').filter(({ jws }) => {
    const payload = peekJws(String(jws)).payload as Line
    return payload['recipient'] === recipient && payload['effect'] === effect
  })
const last = <T>(list: readonly T[]): T => {
  const one = list.at(-1)
  if (one === undefined) throw new Error('there is none')
  return one
}
const indexOf = (row: Line) => Number(row['index'])

/** The put of Bravo to GBR, which was never put again. */
const putOfBravo = ({ usa }: Bench, row: Line) => {
  const [, entry] = row['opening'] as Opening
  const leaf = rowsOf(usa, 'openings.jsonl').find(({ index }) => index === row['index'])
  const { recipient } = peekJws(String(leaf?.['jws'])).payload as { recipient?: string }
  return entry.op === 'put' && entry.record === live.records.bravo && recipient === 'GBR'
}

/** A fragment with one more field, or an exact value for a band, that GBR then holds. */
function overRelease(told: Bench, field: string): void {
  const { usa, gbr } = told
  const { bravo } = live.records
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

const lies: [lie: string, code: FindingCode, nation: string, tell: (told: Bench) => void][] = [
  // What a nation can do to its bundle alone.
  [
    'a statement withheld from the auditor',
    'LEAF_UNOPENED',
    'USA',
    ({ usa }) => without(usa, 'openings.jsonl', ({ index }) => index === 1),
  ],
  [
    'the salt of another leaf',
    'LEAF_OPENING',
    'USA',
    ({ usa }) => edit(usa, 'openings.jsonl', any, () => ({ salt: '0'.repeat(64) })),
  ],
  [
    'an opening of a leaf that is not in the tree',
    'LEAF_OPENING',
    'USA',
    ({ usa }) => {
      const rows = rowsOf(usa, 'openings.jsonl')
      rows.push({ ...last(rows), index: rows.length })
    },
  ],
  [
    'another leaf in the tree',
    'ROOT_MISMATCH',
    'USA',
    ({ usa }) => {
      const path = [...usa.files.keys()].find((each) => each.startsWith('log/tile/entries/')) ?? ''
      const bytes = Uint8Array.from(usa.files.get(path) ?? [])
      bytes[bytes.length - 1] = 1 ^ (bytes.at(-1) ?? 0)
      usa.files.set(path, bytes)
    },
  ],
  [
    'a checkpoint without its cosignatures',
    'QUORUM_NOT_MET',
    'USA',
    ({ usa }) => {
      const note = parseNote(String(usa.files.get('log/checkpoint')))
      const alone = formatNote({ ...note, signatures: note.signatures.slice(0, 1) })
      usa.files.set('log/checkpoint', Buffer.from(alone))
    },
  ],
  [
    'an entry of a release kept closed',
    'ENTRY_UNOPENED',
    'USA',
    ({ usa }) => without(usa, 'entries.jsonl', (row) => row === last(rowsOf(usa, 'entries.jsonl'))),
  ],
  [
    'a source record edited',
    'SOURCE_DIGEST',
    'USA',
    ({ usa }) =>
      edit(usa, 'sources.jsonl', any, ({ record }) => ({
        record: { ...(record as Line), dataset: 'elsewhere' },
      })),
  ],
  [
    'a policy edited to permit what was released',
    'POLICY_MISSING',
    'USA',
    ({ usa }) =>
      edit(usa, 'policies.jsonl', any, ({ policy }) => ({
        policy: { ...(policy as Line), rules: [] },
      })),
  ],
  [
    'inputs of a decision edited',
    'INPUTS_COMMITMENT',
    'USA',
    ({ usa }) =>
      edit(usa, 'inputs.jsonl', any, ({ inputs }) => ({
        inputs: { ...(inputs as Line), purpose: 'display' },
      })),
  ],
  [
    'the key of a record kept back',
    'RECORD_KEY_MISSING',
    'USA',
    ({ usa }) => without(usa, 'record-keys.jsonl', ({ record }) => record === live.records.bravo),
  ],
  [
    'an acknowledgement received and not shown',
    'ACK_MISSING',
    'USA',
    ({ usa }) => without(usa, 'acks-received.jsonl', (row) => isLatestAck(row, usa, 'GBR')),
  ],
  [
    'data held that went around the log',
    'JOIN_WITHOUT_LEAF',
    'GBR',
    ({ gbr }) => {
      const rows = rowsOf(gbr, 'held.jsonl')
      rows.push({ ...last(rows), record: `urn:entente:${'0'.repeat(32)}` })
    },
  ],
  [
    'data kept that was taken back',
    'JOIN_KEPT',
    'GBR',
    ({ gbr }) => {
      const rows = rowsOf(gbr, 'held.jsonl')
      rows.push({ ...last(rows), record: live.records.charlie })
    },
  ],
  [
    'other data held than was released',
    'JOIN_DIGEST',
    'NOR',
    ({ nor }) => edit(nor, 'held.jsonl', any, () => ({ digest: 'A'.repeat(43) })),
  ],
  [
    'acknowledged data not shown',
    'JOIN_NOT_HELD',
    'NOR',
    (told) => {
      const index = indexOf(last(releases(told, 'NOR', 'narrow')))
      without(told.nor, 'received.jsonl', (row) => row['from'] === 'USA' && row['index'] === index)
    },
  ],
  [
    'an acknowledgement that its nation did not sign',
    'ACK_SIGNATURE',
    'GBR',
    ({ gbr }) =>
      edit(gbr, 'acks-given.jsonl', any, ({ jws }) => ({
        jws: String(jws).replace(/.{6}$/, 'AAAAAA'),
      })),
  ],

  // What it takes all keys of the liar, and friends who sign again, to do.
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

/** The furthest acknowledgement of one nation in a dataset feed. */
function isLatestAck(row: Line, draft: Draft, by: string): boolean {
  const rows = rowsOf(draft, 'acks-received.jsonl').filter(
    ({ jws }) => (peekJws(String(jws)).payload as Line)['by'] === by,
  )
  const seqOf = ({ jws }: Line) => Number((peekJws(String(jws)).payload as Line)['seq'])
  return row === rows.sort((a, b) => seqOf(a) - seqOf(b)).at(-1)
}

test.each(lies)('finds %s: %s', (_, code, nation, tell) => {
  const told = bench()
  tell(told)
  const report = auditOf(...told.drafts)
  expect(codes(report), JSON.stringify(report.findings)).toEqual([`${nation} ${code}`])
  expect(report.ok).toBe(false)
})

test('a nation that signs its past again, alone, shows a fork of what its partners hold', () => {
  const told = bench()
  const payload = (said: Line) => ({ ...said, at: Number(said['at']) - 1 })
  told.signAgain({ nation: 'USA', index: 0, payload })
  const [gbr, nor] = bench().drafts
  expect(codes(auditOf(gbr, nor, told.usa))).toEqual(['USA CHECKPOINT_FORK'])
})

test('a bundle from before what the partners have seen is behind', () => {
  const [gbr, nor] = bench().drafts
  expect(codes(auditOf(gbr, nor, live.early))).toEqual(['USA LOG_BEHIND'])
})

test('a bundle changed after its manifest was made is found by its file', () => {
  const bundles = live.drafts.map(pack)
  bundles[2]?.set('inputs.jsonl', Buffer.from('{}\n'))
  expect(codes(audit(bundles))).toEqual(['USA MANIFEST_MISMATCH'])
})
