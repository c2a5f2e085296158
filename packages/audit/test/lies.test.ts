import { expect, test } from 'vitest'
import { type FindingCode, findingMeanings, verifyBundles } from '../src/index.ts'
import {
  acknowledge,
  append,
  type BuiltNation,
  checkpointNote,
  closePeriod,
  createFederation,
  type Draft,
  deliver,
  digestText,
  EPOCH,
  exportBundle,
  hashText,
  type Line,
  publish,
  putInForce,
  row,
} from './bundle-builder.ts'
import { platformVerify, testKey } from './keys.ts'
import { canonical } from './second-fragment.ts'
import {
  asq,
  bundlesOf,
  type Lies,
  mk58,
  policyOf,
  release,
  type Told,
  tell,
  toNor,
} from './story.ts'

/** Leaves of the USA's log in the true story. */
const FIRST_RELEASE = 2
const SECOND_RELEASE = 3
const AGAIN = 6
const NARROW = 7

/** Changes one line of a bundle file. */
const edit =
  (path: string, at: number, change: (line: Line) => Line) =>
  ({ rows }: Draft) => {
    const line = rows[path]?.[at]
    if (line === undefined) throw new RangeError(`${path} has no line ${at}`)
    Object.assign(line, change(line))
  }
const without =
  (path: string, gone: (line: Line) => boolean) =>
  ({ rows }: Draft) => {
    const lines = rows[path] ?? []
    rows[path] = lines.filter((line) => !gone(line))
    if (rows[path].length === lines.length) throw new RangeError(`nothing to take out of ${path}`)
  }
const flip = (path: string) => (draft: Draft) => {
  const bytes = Uint8Array.from(draft.files.get(path) ?? [])
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
  draft.files.set(path, bytes)
}
const usa = (lie: (draft: Draft) => void): Lies => ({ bundles: { USA: lie } })
const gbr = (lie: (draft: Draft) => void): Lies => ({ bundles: { GBR: lie } })
/** Publishes the last checkpoint of the USA again, cosigned by others. */
function republish({ federation, usa }: Told, witnesses: readonly string[]): void {
  setNote(usa, checkpointNote(federation, usa, 9, witnesses))
}
function setNote(one: BuiltNation, note: string): void {
  one.note = note
  Object.assign(one.rows['checkpoints.jsonl']?.at(-1) ?? {}, { note })
}
/** A statement for leaf 8 of the USA's log that is not the one in it, as GBR holds it. */
function holdOther({ federation, usa, gbr }: Told, keys: BuiltNation['keys']): void {
  const tree = { ...usa.tree, append: () => {} }
  const aside = { ...usa, keys, entries: usa.entries.slice(0, 8), rows: {}, tree }
  const { jws, salt } = append({ ...federation }, aside, 'pad', {})
  const line = { from: 'USA', index: 8, jws, salt: salt.toString('hex'), proof: 'none' }
  row(gbr, 'received.jsonl', line)
}
const otherKey = testKey(new Uint8Array(hashText('administrator')))

/** One lie a row; each must give exactly its own finding, against the nation that told it. */
const lies: [lie: string, code: FindingCode, nation: string, lies: Lies][] = [
  // Steps 2 to 4.
  ['its entries altered', 'ROOT_MISMATCH', 'USA', usa(flip('log/tile/entries/000.p/9'))],
  ['a tile altered', 'TILE_MISMATCH', 'USA', usa(flip('log/tile/0/000.p/9'))],
  [
    'a tile left out',
    'TILE_MISMATCH',
    'USA',
    usa(({ files }) => void files.delete('log/tile/0/000.p/9')),
  ],
  [
    'its entries left out',
    'ENTRY_BUNDLE',
    'USA',
    usa(({ files }) => void files.delete('log/tile/entries/000.p/9')),
  ],
  [
    'no checkpoint',
    'CHECKPOINT_FORM',
    'USA',
    usa(({ files }) => void files.delete('log/checkpoint')),
  ],
  [
    'a checkpoint that one witness too few cosigned',
    'QUORUM_NOT_MET',
    'USA',
    { end: (told) => republish(told, ['GBR']) },
  ],
  [
    'its own witness in place of another',
    'QUORUM_NOT_MET',
    'USA',
    { end: (told) => republish(told, ['GBR', 'USA']) },
  ],
  [
    'a cosignature that nobody made',
    'COSIGNATURE_INVALID',
    'USA',
    {
      end: (told) => {
        const { nor, federation } = told
        const forged = { ...nor, witnessSigner: { ...nor.witnessSigner, sign: otherKey.sign } }
        const nations = new Map(federation.nations).set('NOR', forged)
        republish({ ...told, federation: { ...federation, nations } }, ['GBR', 'NOR'])
      },
    },
  ],
  [
    'a cosignature from the future',
    'COSIGNATURE_FUTURE',
    'USA',
    {
      end: (told) => {
        const federation = { ...told.federation, now: told.federation.now + 86_400_000 }
        republish({ ...told, federation }, ['GBR', 'NOR'])
      },
    },
  ],
  [
    'a checkpoint under another log key, which the bundle brings along',
    'CHECKPOINT_SIGNATURE',
    'USA',
    {
      end: (told) => {
        const { federation, usa } = told
        const impostor = { ...usa, logSigner: { key: usa.logSigner.key, sign: otherKey.sign } }
        setNote(usa, checkpointNote(federation, impostor, 9, ['GBR', 'NOR']))
      },
      bundles: { USA: ({ files }) => void files.set('keys.json', Buffer.from('{"trust":"me"}')) },
    },
  ],
  [
    'a fork shown to a partner',
    'CHECKPOINT_FORK',
    'USA',
    {
      end: (told) => {
        const { federation, usa, gbr } = told
        const note = checkpointNote(
          federation,
          usa,
          8,
          ['GBR', 'NOR'],
          new Uint8Array(hashText('fork')),
        )
        gbr.rows['partner-checkpoints.jsonl'] = [{ origin: usa.origin, note }]
      },
    },
  ],
  [
    'its newest leaves left out, one of which a partner has seen',
    'LOG_BEHIND',
    'USA',
    {
      end: ({ federation, usa, gbr }) => {
        append(federation, usa, 'pad', {})
        const note = checkpointNote(federation, usa, 10, ['GBR', 'NOR'])
        gbr.rows['partner-checkpoints.jsonl'] = [{ origin: usa.origin, note }]
        usa.entries.pop()
        usa.rows['openings.jsonl']?.pop()
      },
    },
  ],

  // Steps 5 and 6.
  [
    'one opening withheld',
    'LEAF_UNOPENED',
    'USA',
    usa(without('openings.jsonl', ({ index }) => index === SECOND_RELEASE)),
  ],
  [
    'two openings swapped',
    'LEAF_OPENING',
    'USA',
    usa(({ rows }) => {
      const lines = rows['openings.jsonl'] ?? []
      const [a, b] = [lines[FIRST_RELEASE], lines[SECOND_RELEASE]]
      if (a && b) [a['index'], b['index']] = [b['index'], a['index']]
    }),
  ],
  [
    'another salt',
    'LEAF_OPENING',
    'USA',
    usa(edit('openings.jsonl', AGAIN, () => ({ salt: '00'.repeat(32) }))),
  ],
  [
    'a leaf of a kind that nobody knows',
    'LEAF_KIND',
    'USA',
    { late: ({ federation, usa }) => void append(federation, usa, 'gossip', {}) },
  ],
  [
    'a statement signed by another key',
    'STATEMENT_SIGNATURE',
    'USA',
    {
      late: ({ federation, usa }) => {
        append(federation, { ...usa, keys: { ...usa.keys, node: otherKey } }, 'pad', {})
      },
    },
  ],
  [
    'a statement with a member too many',
    'STATEMENT_FORM',
    'USA',
    { late: ({ federation, usa }) => void append(federation, usa, 'pad', { more: 1 }) },
  ],
  [
    'a statement of another log',
    'STATEMENT_ORIGIN',
    'USA',
    {
      late: ({ federation, usa, gbr }) =>
        void append(federation, usa, 'pad', { origin: gbr.origin }),
    },
  ],
  [
    'a second genesis',
    'GENESIS',
    'USA',
    { late: ({ federation, usa }) => void append(federation, usa, 'genesis', { nation: 'USA' }) },
  ],
  ['a sequence number left out', 'FEED_GAP', 'USA', { narrow: { statement: { seq: 4 } } }],
  [
    'a statement chained to none that exists',
    'FEED_CHAIN',
    'USA',
    { narrow: { statement: { prev: digestText('elsewhere') } } },
  ],
  ['a sequence number used twice', 'FEED_DUPLICATE', 'USA', { narrow: { statement: { seq: 2 } } }],
  [
    'two feeds of one dataset',
    'FEED_DUPLICATE',
    'USA',
    {
      late: (told) => {
        told.usa.feeds.clear()
        release(told, told.usa, told.nor, 'second', [norPut])
      },
    },
  ],
  [
    'a decision dated back a day',
    'TIME_WINDOW',
    'USA',
    { again: { statement: { at: EPOCH - 86_400_000 } } },
  ],
  [
    'a decision dated back a second',
    'TIME_ORDER',
    'USA',
    { again: { statement: { at: EPOCH + 7_000 } } },
  ],

  // Step 7.
  ['a policy dated back', 'TIME_WINDOW', 'USA', { policy: { at: EPOCH - 86_400_000 } }],
  [
    'a policy committed together with the release it permits',
    'POLICY_LATE',
    'USA',
    {
      late: (told) => {
        const third = putInForce(told.federation, told.usa, policyOf(3))
        told.policies.second = third
        release(told, told.usa, told.nor, 'second', [norPut])
      },
    },
  ],
  [
    'a superseded policy used',
    'POLICY_SUPERSEDED',
    'USA',
    { late: (told) => void release(told, told.usa, told.nor, 'first', [norPut]) },
  ],
  [
    'a policy that nobody with authority signed',
    'POLICY_SIGNATURE',
    'USA',
    { policy: { signer: otherKey } },
  ],
  [
    'a policy that is not the file shown',
    'POLICY_MISSING',
    'USA',
    usa(
      edit('policies.jsonl', 0, ({ policy }) => ({
        policy: { ...(policy as Line), nation: 'NOR' },
      })),
    ),
  ],
  [
    'a policy file whose seal was altered',
    'POLICY_FILE',
    'USA',
    usa(edit('policies.jsonl', 0, () => ({ signatures: ['e30.e30.AAAA'] }))),
  ],
  [
    'a checkpoint listed under another size',
    'CHECKPOINT_FORM',
    'USA',
    usa(edit('checkpoints.jsonl', 1, () => ({ size: 1 }))),
  ],
  [
    'a leaf named as policy that is none',
    'POLICY_LEAF',
    'USA',
    { narrow: { statement: { policy: FIRST_RELEASE } } },
  ],
  [
    'a policy used after its end',
    'POLICY_NOT_IN_FORCE',
    'USA',
    {
      late: (told) => {
        const ended = { ...policyOf(3), from: '2026-09-01', until: '2026-09-30' }
        const { federation, usa } = told
        told.policies.first = putInForce(federation, usa, ended)
        publish(federation, usa)
        release(told, usa, told.nor, 'first', [], { statement: { effect: 'widen' } })
      },
    },
  ],
  [
    'a policy file whose interval the authority did not seal',
    'POLICY_CONTRADICTS',
    'USA',
    {
      late: ({ federation, usa }) => {
        putInForce(federation, usa, policyOf(3), { edition: 4 })
        publish(federation, usa)
      },
    },
  ],

  // Steps 8 and 9.
  [
    'an opening of an entry withheld',
    'ENTRY_UNOPENED',
    'USA',
    usa(without('entries.jsonl', ({ index }) => index === NARROW)),
  ],
  [
    'an opening of an entry altered',
    'ENTRY_DIGEST',
    'USA',
    usa(
      edit('entries.jsonl', 0, ({ opening }) => ({
        opening: [(opening as string[])[0], { op: 'drop', record: asq.id }],
      })),
    ),
  ],
  [
    'a put in a release that says it narrows',
    'ENTRY_EFFECT',
    'USA',
    { again: { statement: { effect: 'narrow' } } },
  ],
  [
    'decision inputs withheld',
    'INPUTS_MISSING',
    'USA',
    usa(without('inputs.jsonl', ({ index }) => index === AGAIN)),
  ],
  [
    'a decision input edited',
    'INPUTS_COMMITMENT',
    'USA',
    usa(
      edit('inputs.jsonl', 0, ({ inputs }) => ({
        inputs: { ...(inputs as Line), purpose: 'display' },
      })),
    ),
  ],
  [
    'inputs of a decision for somebody else',
    'INPUTS_CLAIM',
    'USA',
    { again: { inputs: { recipient: 'NOR' } } },
  ],
  [
    'another engine',
    'ENGINE_UNKNOWN',
    'USA',
    { again: { inputs: { engine: 'entente-policy/0' } } },
  ],
  [
    'a record version withheld',
    'SOURCE_MISSING',
    'USA',
    usa(
      without(
        'sources.jsonl',
        ({ record }) =>
          (record as Line)['id'] === mk58.id &&
          (record as typeof mk58).envelope.status === 'active',
      ),
    ),
  ],
  [
    'a record version altered',
    'SOURCE_DIGEST',
    'USA',
    usa(({ rows }) => {
      const lines = rows['sources.jsonl'] ?? []
      const digest = lines[0]?.['digest']
      rows['sources.jsonl'] = lines.filter((line, i) => i === 0 || line['digest'] !== digest)
      for (const line of rows['sources.jsonl'].slice(0, 1))
        (line['record'] as Line)['dataset'] = 'other'
    }),
  ],
  [
    'the key of a record withheld',
    'RECORD_KEY_MISSING',
    'USA',
    usa(without('record-keys.jsonl', ({ record }) => record === mk58.id)),
  ],
  [
    'fewer fields put than decided',
    'DECISION_DIFFERS',
    'USA',
    {
      again: {
        entry: (entry) => {
          entry['fields'] = (entry['fields'] as string[]).slice(1)
          entry['authority'] = (entry['authority'] as string[]).slice(1)
        },
      },
    },
  ],
  [
    'a record taken back that may still go',
    'DECISION_DIFFERS',
    'USA',
    { late: (told) => void release(told, told.usa, told.gbr, 'second', [{ drop: asq }]) },
  ],
  [
    'a field taken back that may still go as it was',
    'DECISION_DIFFERS',
    'USA',
    {
      late: (told) =>
        void release(told, told.usa, told.gbr, 'second', [{ drop: asq, fields: ['rate_max'] }]),
    },
  ],
  [
    'a decision on another record',
    'DECISION_DIFFERS',
    'USA',
    { narrow: { inputs: { records: [[mk58.id, digestText(canonical(asq))]] } } },
  ],
  [
    'a release said to be good for ever',
    'DECISION_DIFFERS',
    'USA',
    { again: { inputs: { validUntil: null } } },
  ],
  [
    'a field put that the policy withholds',
    'OVER_RELEASE',
    'USA',
    {
      again: {
        entry: (entry) => {
          entry['fields'] = ['demand', ...(entry['fields'] as string[])]
          entry['authority'] = ['Treaty 1', ...(entry['authority'] as string[])]
        },
      },
    },
  ],
  [
    'an exact rate put where the policy gives a band',
    'OVER_RELEASE',
    'USA',
    { again: { values: { rate_max: { number: '1440', unit: 'each', per: 'year' } } } },
  ],
  [
    'a fragment with a field more than its entry names',
    'OVER_RELEASE',
    'USA',
    { again: { values: { demand: { quantity: '7', unit: 'each', period: 'year' } } } },
  ],

  // Step 10.
  [
    'data held that no leaf released',
    'JOIN_WITHOUT_LEAF',
    'GBR',
    gbr(({ rows }) => {
      const held = rows['held.jsonl'] ?? []
      held.push({ ...held[0], record: `urn:entente:${'0'.repeat(32)}` })
    }),
  ],
  [
    'data held in a feed that does not exist',
    'JOIN_WITHOUT_LEAF',
    'GBR',
    gbr(({ rows }) => {
      const held = rows['held.jsonl'] ?? []
      held.push({ ...held[0], feed: digestText('a way around') })
    }),
  ],
  [
    'other data held than was released',
    'JOIN_DIGEST',
    'GBR',
    gbr(edit('held.jsonl', 0, () => ({ digest: digestText('other') }))),
  ],
  [
    'data kept that was taken back',
    'JOIN_KEPT',
    'GBR',
    gbr(({ rows }) => {
      const held = rows['held.jsonl'] ?? []
      held.push({ ...held[0], record: mk58.id })
    }),
  ],
  ['acknowledged data not held', 'JOIN_NOT_HELD', 'GBR', gbr(without('held.jsonl', () => true))],
  [
    'an acknowledged statement not shown by the recipient',
    'JOIN_NOT_HELD',
    'GBR',
    gbr(without('received.jsonl', ({ index }) => index === NARROW)),
  ],
  [
    'an acknowledged statement not shown by the sender',
    'JOIN_DROPPED',
    'USA',
    {
      late: ({ federation, usa, gbr, sent }) => {
        const feed = sent[0]?.feed ?? ''
        acknowledge(federation, gbr, usa, { feed, seq: 4, jws: 'dropped since' })
      },
    },
  ],
  [
    'a statement sent that is not the one logged',
    'JOIN_DIFFERENT_STATEMENT',
    'USA',
    {
      end: (told) => holdOther(told, told.usa.keys),
    },
  ],
  [
    'a statement said to be of a partner that never signed it',
    'RECEIVED_SIGNATURE',
    'GBR',
    {
      end: (told) => holdOther(told, told.nor.keys),
    },
  ],
  [
    'a statement admitted with the proof of another',
    'RECEIVED_PROOF',
    'GBR',
    gbr(({ rows }) => {
      const [a, b] = rows['received.jsonl'] ?? []
      if (a && b) a['proof'] = b['proof']
    }),
  ],
  [
    'a release admitted before its quorum',
    'RECEIVED_QUORUM',
    'GBR',
    {
      end: (told) => {
        const { federation, usa, gbr } = told
        const opening = usa.rows['openings.jsonl']?.[FIRST_RELEASE]
        const line = gbr.rows['received.jsonl']?.find(({ index }) => index === FIRST_RELEASE)
        if (!opening || !line) throw new RangeError('no first release')
        const early = { ...usa, note: checkpointNote(federation, usa, 9, []) }
        const again = { ...gbr, rows: {} as BuiltNation['rows'] }
        deliver(early, again, {
          index: FIRST_RELEASE,
          jws: String(opening['jws']),
          salt: Buffer.from(String(opening['salt']), 'hex'),
        })
        Object.assign(line, again.rows['received.jsonl']?.[0])
      },
    },
  ],
  [
    'a release never acknowledged',
    'JOIN_UNACKNOWLEDGED',
    'NOR',
    {
      late: ({ usa, nor }) => {
        nor.rows['acks-given.jsonl'] = []
        usa.rows['acks-received.jsonl'] = (usa.rows['acks-received.jsonl'] ?? []).filter(
          ({ jws }) =>
            !String(Buffer.from(String(jws).split('.')[1] ?? '', 'base64url')).includes(
              '"by":"NOR"',
            ),
        )
      },
    },
  ],
  [
    'an acknowledgement not signed by its nation',
    'ACK_SIGNATURE',
    'GBR',
    gbr(
      edit('acks-given.jsonl', 0, ({ jws }) => ({ jws: String(jws).replace(/.{6}$/, 'AAAAAA') })),
    ),
  ],
  [
    'the last acknowledgement not shown by the sender',
    'ACK_MISSING',
    'USA',
    usa(({ rows }) => void rows['acks-received.jsonl']?.pop()),
  ],
  [
    'the last acknowledgement not shown by the recipient',
    'ACK_MISSING',
    'GBR',
    gbr(({ rows }) => void rows['acks-given.jsonl']?.pop()),
  ],
  [
    'an acknowledgement after the last ack leaf',
    'ACK_NOT_COMMITTED',
    'USA',
    {
      end: (told) => {
        const { federation, gbr, usa, sent } = told
        const last = sent.at(-1)
        if (last) acknowledge({ ...federation, now: federation.now + 1000 }, gbr, usa, last)
        closePeriod(federation, gbr)
      },
    },
  ],

  // Step 1.
  [
    'a line that is no JSON',
    'BUNDLE_FORM',
    'USA',
    usa(({ files, rows }) => {
      delete rows['held.jsonl']
      files.set('held.jsonl', Buffer.from('{"from":\n'))
    }),
  ],
  [
    'another origin',
    'BUNDLE_ORIGIN',
    'USA',
    usa(
      ({ manifest }) =>
        void Object.assign(manifest, { origin: 'usa.entente.example/release-log/2' }),
    ),
  ],
]

test.each(lies)('finds %s: %s', (_, code, nation, told) => {
  const { findings, ok } = audit(told)
  expect(new Set(findings.map((one) => `${one.nation} ${one.code}`))).toEqual(
    new Set([`${nation} ${code}`]),
  )
  expect(ok).toBe(false)
})

/** Lies about the bundle as a whole, told after its manifest was made. */
const broken: [lie: string, code: FindingCode, nation: string | null, lie: BrokenBundle][] = [
  [
    'a file altered',
    'MANIFEST_MISMATCH',
    'USA',
    (files) => void files.set('inputs.jsonl', Buffer.from('{}\n')),
  ],
  [
    'a file left out',
    'MANIFEST_MISSING_FILE',
    'USA',
    (files) => void files.delete('openings.jsonl'),
  ],
  [
    'a file slipped in',
    'MANIFEST_EXTRA_FILE',
    'USA',
    (files) => void files.set('roster.json', Buffer.from('{}')),
  ],
  ['no manifest', 'MANIFEST_FORM', null, (files) => void files.delete('manifest.json')],
  [
    'a manifest of another format',
    'MANIFEST_FORM',
    null,
    (files) => void files.set('manifest.json', Buffer.from('{"format":"entente-bundle/2"}')),
  ],
  ['two bundles of one nation', 'BUNDLE_DUPLICATE', 'USA', (files, all) => void all.push(files)],
  [
    'a bundle of a stranger',
    'BUNDLE_NATION',
    'CAN',
    (_, all) => {
      const canada = createFederation(['CAN', 'USA', 'NOR']).nations.get('CAN')
      if (canada) all.push(exportBundle(canada))
    },
  ],
]
type BrokenBundle = (usa: Map<string, Uint8Array>, all: Map<string, Uint8Array>[]) => void

test.each(broken)('finds %s: %s', (_, code, nation, lie) => {
  const told = tell()
  const bundles = bundlesOf(told)
  if (bundles[0]) lie(bundles[0], bundles)
  const { findings } = verifyBundles(bundles, trustOf(told))
  expect(findings.map((one) => `${one.nation} ${one.code}`)).toEqual([`${nation} ${code}`])
})

test('every finding there is has a lie that gives it', () => {
  const told = new Set([...lies, ...broken].map(([, code]) => code))
  expect([...told].sort()).toEqual(Object.keys(findingMeanings).sort())
})

test('a log that does not extend the one of the previous audit is found', () => {
  const told = tell()
  const { usa, federation } = told
  const bundles = bundlesOf(told)
  const since = (size: number, root?: Uint8Array) => ({
    ...trustOf(told),
    since: { USA: checkpointNote(federation, usa, size, ['GBR', 'NOR'], root) },
  })
  const codes = (trust: ReturnType<typeof since>) =>
    verifyBundles(bundles, trust).findings.map(({ code }) => code)
  expect(codes(since(5))).toEqual([])
  expect(codes(since(5, new Uint8Array(hashText('other past'))))).toEqual(['CHECKPOINT_FORK'])
  expect(codes(since(11, new Uint8Array(hashText('more'))))).toEqual(['LOG_BEHIND'])
})

test('keys in a bundle mean nothing', () => {
  const lie = usa(({ files }) => void files.set('roster.json', Buffer.from('{"nations":[]}')))
  expect(audit(lie).findings).toEqual([])
})

test('without content, decisions are not replayed, and the report says so', () => {
  const lie: Lies = {
    again: { values: { demand: { quantity: '7', unit: 'each', period: 'year' } } },
    ...usa(({ manifest, rows }) => {
      manifest['withContent'] = false
      delete rows['sources.jsonl']
      delete rows['record-keys.jsonl']
    }),
  }
  const report = audit(lie)
  expect(report.findings).toEqual([])
  expect(report.nations['USA']?.checkedContent).toBe(false)
  expect(report.remarks).toEqual([expect.stringContaining('USA: the bundle has no content')])
})

test('one bundle alone is audited too; what was not joined is said', () => {
  const told = tell()
  const report = verifyBundles(bundlesOf(told).slice(0, 1), trustOf(told))
  expect(report.findings).toEqual([])
  expect(report.remarks).toHaveLength(2)
})

function audit(told: Lies) {
  const story = tell(told)
  return verifyBundles(bundlesOf(story, told.bundles), trustOf(story))
}

const trustOf = ({ federation }: Told) => ({
  roster: federation.roster,
  verify: platformVerify,
  atMs: federation.now + 60_000,
})

const norPut = { put: mk58, values: toNor('MK-58') }
