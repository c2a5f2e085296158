import { describe, expect, test } from 'vitest'
import {
  Acknowledgement,
  digestOpening,
  Entry,
  isCritical,
  type KnownKind,
  Opening,
  statementKinds,
  statements,
  statementType,
} from '../src/statement/index.ts'

const digest = 'X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0'
const said = { origin: 'usa.entente.example/release-log/1', at: 1_767_225_600_000 }
const inFeed = { ...said, feed: digest, seq: 1, prev: digest, recipient: 'GBR' }
const place = { feed: digest, seq: 1, statement: digest }
const key = digest
const release = {
  ...inFeed,
  dataset: 'production',
  effect: 'widen',
  entries: [digest],
  policy: 1,
  inputs: digest,
}
const { recipient: _, ...alone } = inFeed
const inDocument = { ...alone, recipients: ['AUS', 'GBR'], document: digest }
const good: Record<KnownKind, Record<string, unknown>> = {
  genesis: { ...said, nation: 'USA' },
  policy: { ...said, edition: 1, digest, from: 0, until: 1, signatures: ['jws'] },
  release,
  subscribe: { ...inFeed, dataset: 'production', action: 'subscribe' },
  ack: { ...said, from: 0, until: 1, given: [digest], received: [] },
  pad: said,
  key: { ...said, action: 'revoke', seal: 'jws' },
  releaser: { ...inFeed, dataset: 'production', from: key, to: key, head: null },
  register: { ...said, edition: 1, digest, from: 0, until: 1, signatures: ['jws'] },
  'witness-policy': { ...said, number: 1, digest },
  partner: { ...said, action: 'revoke', partner: 'GBR', root: key, reason: 'key lost' },
  handover: { ...said, next: 'usa.entente.example/release-log/2', seal: 'jws' },
  'nation-recall': {
    ...said,
    nation: 'USA',
    records: [`urn:entente:${'a'.repeat(32)}`],
    purge: true,
    reason: 'laptop stolen',
  },
  erase: { ...said, leaves: [1, 2], ground: 'purge', authority: 'records office' },
  approve: { ...said, about: digest, seal: 'jws' },
  deny: { ...said, recipient: 'GBR', about: digest, code: 'NOT_RELEASABLE' },
  recall: {
    ...inFeed,
    dataset: 'production',
    release: place,
    entries: [],
    purge: true,
    reason: '',
  },
  purge: { ...inFeed, recall: place, purged: 3 },
  consent: {
    ...inFeed,
    action: 'give',
    consent: digest,
    release: place,
    request: null,
  },
  request: { ...inFeed, ask: 'release', body: digest },
  answer: { ...inFeed, about: digest, decision: 'deny', arrived: 1 },
  joint: {
    ...inDocument,
    actor: 'a'.repeat(32),
    actorSeq: 2,
    change: 'b'.repeat(64),
    deps: [place],
    startOp: 1,
    ops: 3,
    policy: 1,
    inputs: digest,
  },
  vote: { ...inDocument, heads: ['b'.repeat(64)], choice: 'endorse' },
  'catalogue-request': { ...inFeed, action: 'subscribe' },
  catalogue: {
    ...inFeed,
    policy: 1,
    datasets: [{ dataset: 'production', title: 'Production', kinds: ['capability'], topics: [] }],
    inputs: digest,
  },
  reset: { ...inFeed, dataset: 'production', replaces: place, reason: 'a broken chain' },
}
const kinds = Object.keys(statements) as KnownKind[]
const accepts = (kind: KnownKind, payload: unknown) => statements[kind].safeParse(payload).success

describe.each(kinds)('a statement of kind %s', (kind) => {
  test('is read', () => {
    expect(accepts(kind, good[kind])).toBe(true)
  })

  test('is refused with a key that is not known', () => {
    expect(accepts(kind, { ...good[kind], surprise: 1 })).toBe(false)
  })

  test.each(Object.keys(good[kind]))('is refused without %s', (key) => {
    const { [key]: _, ...rest } = good[kind]
    expect(accepts(kind, rest)).toBe(false)
  })
})

test.each<[what: string, change: Record<string, unknown>]>([
  ['an origin with capitals', { origin: 'USA.entente.example/log' }],
  ['an origin that is only a host', { origin: 'usa.entente.example' }],
  ['a time with a fraction', { at: 0.5 }],
  ['a time before 1970', { at: -1 }],
  ['a negative place', { seq: -1 }],
  ['a recipient that is no nation', { recipient: 'NATO' }],
  ['an effect that is neither', { effect: 'mixed' }],
  ['more than 256 entries', { entries: Array<string>(257).fill(digest) }],
  ['an entry that is no digest', { entries: ['secret'] }],
  ['a dataset with a path in it', { dataset: '../production' }],
])('a release is refused with %s', (_, change) => {
  expect(accepts('release', { ...release, ...change })).toBe(false)
})

const record = `urn:entente:${'0'.repeat(32)}`
const put = { op: 'put', record, digest, fields: ['title'], authority: ['AUKUS'] } as const

test.each<[what: string, entry: unknown]>([
  ['another verb', { ...put, op: 'move' }],
  ['a put without fields', { ...put, fields: [] }],
  ['a put without a ground', { ...put, authority: [] }],
  ['a put without a digest', { ...put, digest: undefined }],
  ['a drop with a digest', { op: 'drop', record, digest }],
  ['a drop of no fields', { op: 'drop', record, fields: [] }],
])('an entry is refused: %s', (_, entry) => {
  expect(Entry.safeParse(put).success).toBe(true)
  expect(Entry.safeParse({ op: 'drop', record }).success).toBe(true)
  expect(Entry.safeParse(entry).success).toBe(false)
})

test('the digest of an opening hides the entry: another salt, another digest', () => {
  const salts = ['A'.repeat(22), 'B'.repeat(22)] as const
  const digests = salts.map((salt) => digestOpening([salt, put]))
  expect(digests[0]).not.toBe(digests[1])
  expect(Opening.safeParse(['short', put]).success).toBe(false)
})

test('an acknowledgement names each entry that it refuses, and why', () => {
  const ack = {
    feed: digest,
    seq: 3,
    statement: digest,
    by: 'GBR',
    to: 'USA',
    at: 1,
    refused: [{ seq: 2, entry: digest, code: 'FRAGMENT_DIGEST' }],
    unopened: 0,
  }
  expect(Acknowledgement.safeParse(ack).success).toBe(true)
  expect(Acknowledgement.safeParse({ ...ack, refused: [{ seq: 2, entry: digest }] }).success).toBe(
    false,
  )
  expect(Acknowledgement.safeParse({ ...ack, content: 'x' }).success).toBe(false)
})

test('a reader stops at an unknown kind, except at four that change nothing', () => {
  expect(statementKinds.filter((kind) => !isCritical(kind))).toEqual([
    'ack',
    'request',
    'vote',
    'pad',
  ])
  expect(isCritical('something-new')).toBe(true)
  expect(statementType('release')).toBe('entente-release')
})
