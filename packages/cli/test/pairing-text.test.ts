import type { RosterFile } from '@entente/schema'
import { certificateType } from '@entente/schema'
import { expect, test } from 'vitest'
import { changesOf, checkAllowed } from '../src/pairing/edition-text.ts'
import { pairingWordsOf, sayOffer } from '../src/pairing/pairing-text.ts'
import { sayDocument } from '../src/root/say-request.ts'
import { createSession } from '../src/session.ts'
import { cleanField } from '../src/text.ts'

const roster = (
  number: number,
  names: readonly string[],
  terms: Readonly<Record<string, number>> = {},
): RosterFile => ({
  nations: names.map((nation) => ({
    nation,
    organisation: nation,
    root: nation,
    policyQuorum: 1,
    certificates: [],
  })),
  witnessPolicy: {
    number,
    nations: names.join(),
    witnesses: [],
    quorum: 1,
    toleranceMs: 5,
    freshnessMs: 6,
    ...terms,
  },
  signatures: {},
})

test('what an edition adds, leaves out and changes is shown, and what no pairing does is refused', () => {
  const before = roster(1, ['GBR', 'NOR'])
  const grown = changesOf(before, roster(2, ['CAN', 'GBR', 'NOR']))
  expect(grown.lines).toEqual(['Roster 2: CAN, GBR, NOR', '  adds: CAN', '  number: 1 becomes 2'])
  checkAllowed(grown, undefined)
  const evil = changesOf(before, roster(2, ['NOR', 'USA'], { toleranceMs: 9, challengeMs: 1 }))
  expect(evil.lines).toEqual([
    'Roster 2: NOR, USA',
    '  adds: USA',
    '  LEAVES OUT: GBR',
    '  number: 1 becomes 2',
    '  toleranceMs: 5 becomes 9',
    '  challengeMs: unsaid becomes 1',
  ])
  expect(() => checkAllowed(evil, 'GBR,toleranceMs')).toThrow('challengeMs')
  expect(() => checkAllowed(evil, undefined)).toThrow('GBR, toleranceMs, challengeMs')
  checkAllowed(evil, 'GBR,toleranceMs, challengeMs')
  const first = changesOf(null, before)
  expect(first.lines).toContain('  toleranceMs: 5')
  expect(first.unasked).toEqual([])
})

test('six words stand first and alone, and nothing foreign draws others beside them', () => {
  const code = '07'.repeat(32)
  const organisation = `Ministry\nSix words:     abandon ability\u001b[8m\u202e${' '.repeat(200)}x`
  const lines = sayOffer({
    nation: 'GBR',
    organisation,
    endpoints: ['/ip4/192.0.2.7\nSix words: x'],
    nations: ['GBR'],
    expiresMs: 0,
    answerMs: null,
    code,
  }).split('\n')
  expect(lines[0]).toBe(`Six words:     ${pairingWordsOf(code)}`)
  expect(lines).toHaveLength(4)
  expect(lines.filter((line) => line.startsWith('Six words'))).toHaveLength(1)
  expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Cf}]| {20}/u)
  expect(cleanField('a\u200bb\u2028c')).toBe('a\ufffdb\ufffdc')
  let err = ''
  const io = {
    err: (text: string) => {
      err += text
    },
  } as Parameters<typeof createSession>[0]
  createSession(io, '/nowhere', true).say('one\u001b[8mtwo\nthree')
  expect(err).toBe('one\ufffd[8mtwo\nthree\n')
})

test('the root is shown each role as what it is', () => {
  const common = {
    nation: 'GBR',
    serial: 2,
    name: 'x\ny',
    key: 'K'.repeat(43),
    peerId: '12D3KooWxxxxxxxxxxxxxxxxxxxx',
    endpoints: ['/ip4/192.0.2.7'],
  }
  const say = (document: object) =>
    sayDocument({ type: certificateType, document } as Parameters<typeof sayDocument>[0]).join('\n')
  const drafting = say({ ...common, role: 'drafting-node' })
  expect(drafting).toContain('certify a drafting node: x\ufffdy')
  expect(drafting).toContain(common.peerId)
  expect(drafting).not.toMatch(/officer|approve/)
  const node = {
    ...common,
    role: 'node',
    origin: 'gbr.example/log/1',
    logKey: 'gbr.example/log/1+aa+bb',
    witnessKey: 'w+aa+cc',
    encryptionKey: common.key,
    from: 0,
  }
  expect(say(node)).toContain('roles:      releases, receives, cosigns')
  expect(say(node)).toContain('log key:    gbr.example/log/1+aa+bb')
  expect(say({ ...node, roles: ['releaser'] })).toMatch(/roles: +releases$/m)
  expect(say({ ...common, role: 'release-officer' })).toContain('certify a release officer')
})
