import type { StatementFrame } from '@entente/node/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import { createHostileSender, fragmentOf, putOf } from '../support/hostile-sender.ts'
import { openReceiver, refusalOf } from '../support/receiver.ts'
import { livePolicy } from '../support/scenario.ts'

// release-log.md cases 1, 2, 8, 28. Every part of a genuine frame, changed by as little as can be.
const atMs = Date.UTC(2026, 8, 21)
let federation: Federation
/** Two genuine frames, one after the other, as an honest USA sends them. */
let first: StatementFrame
let second: StatementFrame

beforeAll(() => {
  federation = createFederation(['GBR', 'USA'])
  const usa = createHostileSender(federation, 'USA', 'GBR', atMs)
  usa.logPolicy(livePolicy('USA'))
  const send = (title: string, baseSize: number) => {
    const fragment = fragmentOf('USA', { title, description: `what ${title} is` })
    const opening = putOf(fragment)
    const statement = usa.log('release', usa.release([opening]))
    usa.log('pad', { origin: usa.origin, at: atMs })
    const frame = usa.frame(statement, { baseSize, openings: [opening], bodies: [fragment] })
    usa.follow(statement)
    return frame
  }
  first = send('first', 0)
  second = send('second', 4)
})
afterAll(() => federation[Symbol.asyncDispose]())

const receiver = () => {
  const gbr = openReceiver(federation.folder('GBR'), () => atMs)
  return {
    ...gbr,
    take: (frame: StatementFrame) => gbr.admission.statement(gbr.partner('USA'), frame),
  }
}

/** The text with one bit of its nth character of this alphabet changed to another of it. */
function flip(text: string, at: number): string {
  const changed = text[at] === 'A' ? 'B' : text[at] === '0' ? '1' : text[at] === 'a' ? 'b' : 'A'
  return text.slice(0, at) + changed + text.slice(at + 1)
}
const flipHex = (text: string, at: number) =>
  text.slice(0, at) + (Number.parseInt(text[at] ?? '0', 16) ^ 1).toString(16) + text.slice(at + 1)
/** The statement with one bit of its decision time changed. */
function earlier(jws: string): string {
  const [header, payload = '', signature] = jws.split('.')
  const text = Buffer.from(payload, 'base64url').toString()
  const changed = text.replace(`"at":${atMs}`, `"at":${atMs + 1}`)
  return [header, Buffer.from(changed).toString('base64url'), signature].join('.')
}
/** Changes the line of the proof that `pick` chooses, at its nth character. */
const flipLine = (frame: StatementFrame, pick: (lines: string[]) => number, at: number) => {
  const lines = frame.proof.split('\n')
  const i = pick(lines)
  lines[i] = flip(lines[i] ?? '', at)
  return { ...frame, proof: lines.join('\n') }
}
const afterHeader = (n: number) => (lines: string[]) => lines.indexOf('') + n

const evidence: [part: string, change: (frame: StatementFrame) => StatementFrame, code: string][] =
  [
    ['origin of the checkpoint', (f) => flipLine(f, afterHeader(1), 1), 'NOTE_SIGNATURE_INVALID'],
    ['root of the checkpoint', (f) => flipLine(f, afterHeader(3), 5), 'NOTE_SIGNATURE_INVALID'],
    ['signature of the log', (f) => flipLine(f, afterHeader(5), 60), 'NOTE_SIGNATURE_INVALID'],
    ['a cosignature', (f) => flipLine(f, afterHeader(6), 60), 'COSIGNATURE_INVALID'],
    [
      'all cosignatures taken away',
      (f) => ({ ...f, proof: `${f.proof.split('\n').slice(0, -2).join('\n')}\n` }),
      'QUORUM_NOT_MET',
    ],
    [
      'hash of the consistency proof',
      (f) => ({ ...f, base: { ...f.base, hashes: f.base.hashes.map((each) => flip(each, 7)) } }),
      'CONSISTENCY_ROOT_MISMATCH',
    ],
    [
      'consistency proof cut short',
      (f) => ({ ...f, base: { ...f.base, hashes: f.base.hashes.slice(1) } }),
      'CONSISTENCY_PROOF_LENGTH',
    ],
    [
      'base of the consistency proof',
      (f) => ({ ...f, base: { ...f.base, size: 3 } }),
      'CHECKPOINT_BASE',
    ],
  ]
const statement: typeof evidence = [
  ['salt of the leaf', (f) => ({ ...f, salt: flipHex(f.salt, 20) }), 'INCLUSION_ROOT_MISMATCH'],
  ['header of the statement', (f) => ({ ...f, jws: flip(f.jws, 20) }), 'JWS_PAYLOAD'],
  ['payload of the statement', (f) => ({ ...f, jws: earlier(f.jws) }), 'JWS_SIGNATURE'],
  [
    'signature of the statement',
    (f) => ({ ...f, jws: flip(f.jws, f.jws.length - 30) }),
    'JWS_SIGNATURE',
  ],
  ['hash of the inclusion proof', (f) => flipLine(f, () => 2, 9), 'INCLUSION_ROOT_MISMATCH'],
  [
    'inclusion proof cut short',
    (f) => ({ ...f, proof: f.proof.split('\n').toSpliced(2, 1).join('\n') }),
    'INCLUSION_PROOF_LENGTH',
  ],
  [
    'index of the leaf',
    (f) => ({ ...f, proof: f.proof.replace(/index \d+/, 'index 3') }),
    'INCLUSION_PROOF_LENGTH',
  ],
  [
    'header of the proof',
    (f) => ({ ...f, proof: f.proof.replace('@v1', '@v2') }),
    'PROOF_MALFORMED',
  ],
]
const opening: typeof evidence = [
  ['salt of the opening', (f) => onOpening(f, (o) => [flip(o[0], 3), o[1]]), 'ENTRY_UNKNOWN'],
  [
    'record in the opening',
    (f) => onOpening(f, ([salt, entry]) => [salt, { ...entry, record: idFlipped(entry.record) }]),
    'ENTRY_UNKNOWN',
  ],
  [
    'an opening that came twice',
    (f) => ({ ...f, openings: [...f.openings, ...f.openings] }),
    'ENTRY_UNKNOWN',
  ],
]
const body: typeof evidence = [
  [
    'head of the body',
    (f) => onBody(f, (b) => ({ ...b, head: { ...b.head, asOf: '2026-09-02' } })),
    'FRAGMENT_DIGEST',
  ],
  ['a value', (f) => onValue(f, ([salt, field]) => [salt, field, 'forged']), 'DISCLOSURE_DIGEST'],
  [
    'salt of a value',
    (f) => onValue(f, ([salt, field, value]) => [flip(salt, 4), field, value]),
    'DISCLOSURE_DIGEST',
  ],
  [
    'name of a value',
    (f) => onValue(f, ([salt, , value]) => [salt, 'title2', value]),
    'FRAGMENT_FIELDS',
  ],
]
type Body = ReturnType<typeof fragmentOf>
type Pair = StatementFrame['openings'][number]
const idFlipped = (id: string) => flipHex(id, id.length - 1) as Body['head']['id']
const onOpening = (f: StatementFrame, change: (opening: Pair) => Pair): StatementFrame => ({
  ...f,
  openings: f.openings.map(change),
})
const onBody = (f: StatementFrame, change: (body: Body) => Body): StatementFrame => ({
  ...f,
  bodies: f.bodies.map((each) => change(each as Body)),
})
const onValue = (
  f: StatementFrame,
  change: (value: Body['disclosures'][number]) => Body['disclosures'][number],
) =>
  onBody(f, (each) => ({
    ...each,
    disclosures: each.disclosures.map((value, i) => (i === 0 ? change(value) : value)),
  }))

describe.each([
  ['evidence', evidence],
  ['statement', statement],
])('case 1: one change in the %s', (_, cases) => {
  test.each(cases)(
    '%s: refused, nothing changed, and the genuine frame is then admitted',
    (_part, change, code) => {
      using gbr = receiver()
      gbr.take(first)
      const before = gbr.state()
      expect(refusalOf(() => gbr.take(change(second)))).toBe(code)
      expect(gbr.state()).toEqual(before)
      gbr.take(second)
      expect(gbr.view.search('second', 5)).toHaveLength(1)
    },
  )
})

test.each(opening)(
  '%s changed: refused, the statement alone is kept, and the genuine frame is then admitted',
  (_part, change, code) => {
    using gbr = receiver()
    gbr.take(first)
    const { held, view, text } = gbr.state()
    expect(refusalOf(() => gbr.take(change(second)))).toBe(code)
    expect(gbr.state()).toMatchObject({ held, view, text, feeds: [{ seq: 1, body_seq: 0 }] })
    gbr.take(second)
    expect(gbr.view.search('second', 5)).toHaveLength(1)
  },
)

test.each(body)(
  'one change in the %s: quarantined, and the genuine body is then admitted',
  (_part, change, code) => {
    using gbr = receiver()
    gbr.take(first)
    gbr.take(change(second))
    expect(gbr.view.search('second', 5)).toEqual([])
    expect(gbr.db.prepare('SELECT code FROM quarantine').all()).toEqual([{ code }])
    const [named] = second.openings
    const [genuine] = second.bodies
    const { feed } = gbr.db.prepare('SELECT feed FROM feed_in').get() as { feed: string }
    if (named === undefined) throw new Error('the genuine frame opens its entry')
    gbr.admission.body(gbr.partner('USA'), {
      t: 'body',
      feed,
      seq: 1,
      opening: named,
      body: genuine as Body,
    })
    expect(gbr.view.search('second', 5)).toHaveLength(1)
    expect(gbr.db.prepare('SELECT code FROM quarantine').all()).toEqual([])
  },
)

test('case 1: no byte of a statement can change without refusal', () => {
  using gbr = receiver()
  gbr.take(first)
  const before = gbr.state()
  for (let at = 0; at < second.jws.length; at++)
    expect(
      refusalOf(() => gbr.take({ ...second, jws: flip(second.jws, at) })),
      `byte ${at}`,
    ).not.toBe(null)
  expect(gbr.state()).toEqual(before)
})

test('every character of the proof is held by a signature, a hash or the format', () => {
  using gbr = receiver()
  gbr.take(first)
  const before = gbr.state()
  for (let at = 0; at < second.proof.length; at++)
    expect(
      refusalOf(() => gbr.take({ ...second, proof: flip(second.proof, at) })),
      `character ${at}`,
    ).not.toBe(null)
  expect(gbr.state()).toEqual(before)
})
