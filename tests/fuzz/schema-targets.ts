import { verifyEd25519 } from '@entente/node'
import {
  formatBanner,
  openPolicy,
  PolicyDocument,
  parseUsMarking,
  rollUp,
  SignedPolicy,
  sealOf,
} from '@entente/policy'
import {
  type AuthorityCertificate,
  Certificate,
  canonicalJson,
  certificateType,
  DataRecord,
  digestOf,
  digestRequest,
  Fragment,
  fromBase64url,
  type NodeCertificate,
  Opening,
  openConsent,
  openJws,
  openNationRecall,
  openRoster,
  openSuccession,
  parseCanonical,
  parseLabel,
  peekJws,
  policySealType,
  RequestBody,
  type Roster,
  readVoteSeal,
  SignedSuccession,
  sealConsent,
  sealRootRecall,
  sealSuccession,
  sealVoteBy,
  signJws,
  statements,
  statementType,
  toBase64url,
} from '@entente/schema'
import { policyFor } from '../simulation/federation.ts'
import type { Random } from '../simulation/random.ts'
import { dropOf, fragmentOf, putOf } from '../support/hostile-sender.ts'
import { keyOf } from './keys.ts'
import { rosterFile } from './roster-file.ts'
import { bytes, isCoded, isOf, json, type Target, text } from './target.ts'

const key = keyOf('statements')
const release = (random: Random) => ({
  origin: 'usa.entente.example/release-log/1',
  at: 1_790_000_000_000 + random.below(1000),
  feed: toBase64url(random.bytes(32)),
  seq: random.below(100),
  prev: toBase64url(random.bytes(32)),
  recipient: 'GBR',
  dataset: 'production',
  effect: 'widen',
  entries: [toBase64url(random.bytes(32)), toBase64url(random.bytes(32))].sort(),
  policy: random.below(50),
  inputs: toBase64url(random.bytes(32)),
})
const statement = (random: Random) => signJws(statementType('release'), release(random), key.sign)
const authorityKey = keyOf('USA authority')
const authority: AuthorityCertificate = {
  role: 'policy-authority',
  nation: 'USA',
  serial: 2,
  name: 'USA policy authority',
  key: toBase64url(authorityKey.publicKey),
}
const policyFile = () => {
  const policy = PolicyDocument.parse(policyFor('USA', 1, ['GBR', 'NOR']))
  return { policy, signatures: [signJws(policySealType, sealOf(policy), authorityKey.sign)] }
}
/** What any file of JSON may be refused with, beside what its own reader says. */
const parsed = isOf('SyntaxError', 'ZodError')
const notJson = (error: unknown) => parsed(error) || isCoded(error)
const read = (input: Uint8Array): unknown => JSON.parse(text(input))

const fragment = () =>
  fragmentOf('USA', { title: 'a title', rate: '12.5', many: [1, 2, { a: null }] })

const officerKey = keyOf('AUS officer')
const officer = {
  role: 'release-officer' as const,
  nation: 'AUS',
  serial: 3,
  name: 'AUS officer',
  key: toBase64url(officerKey.publicKey),
}
const members = new Map([['AUS', { officers: [officer] }]]) as unknown as Roster['members']
const consent = (random: Random) =>
  sealConsent(
    {
      nation: 'AUS',
      key: officer.key,
      holder: 'USA',
      record: `urn:entente:${'a'.repeat(32)}`,
      head: toBase64url(random.bytes(32)),
      fields: ['rate_max', 'title'],
      transform: null,
      derived: false,
      recipients: ['NOR'],
      purpose: 'use',
      until: 1_790_000_000_000 + random.below(1000),
    },
    officerKey.sign,
  )

const vote = (random: Random) => ({
  document: toBase64url(random.bytes(32)),
  heads: ['a'.repeat(64), 'b'.repeat(64)],
  choice: 'endorse' as const,
  at: 1_790_000_000_000 + random.below(1000),
})
const roots = [keyOf('USA root'), keyOf('USA next root')] as const
/** Of a root, or of a node. */
const recallWord = (random: Random) => {
  const said = {
    nation: 'USA',
    records: [`urn:entente:${Buffer.from(random.bytes(16)).toString('hex')}`],
    purge: true,
    reason: 'a spill',
    at: 1_790_000_000_000 + random.below(1000),
  }
  return random.below(2) === 0
    ? sealRootRecall(said, key.sign)
    : signJws(statementType('nation-recall'), { ...said, origin: speaker.origin }, key.sign)
}
const speaker = {
  origin: 'usa.entente.example/release-log/1',
  key: toBase64url(key.publicKey),
} as NodeCertificate
const speakers = new Map([['USA', { root: key.publicKey, nodes: [speaker], revocations: [] }]])

export const schemaTargets: readonly Target[] = [
  {
    name: 'seal of a vote (JWS)',
    valid: (random) =>
      bytes(sealVoteBy({ nation: 'AUS', key: officer.key, ...vote(random) }, officerKey.sign)),
    read: (input) => readVoteSeal(text(input), verifyEd25519),
    refuses: isOf('VoteError'),
    signed: 'exact',
  },
  {
    name: 'succession of a root',
    valid: (random) => {
      const [from, to] = roots.map(({ publicKey }) => toBase64url(publicKey)) as [string, string]
      const word = { nation: 'USA', from, to, at: random.below(1000), reason: 'ten years old' }
      return json(sealSuccession(word, roots[0].sign, roots[1].sign))
    },
    read: (input) => openSuccession(SignedSuccession.parse(read(input)), verifyEd25519),
    refuses: (error) => parsed(error) || isOf('SuccessionError')(error),
    signed: 'same',
  },
  {
    name: 'consent to hand on (JWS)',
    valid: (random) => bytes(consent(random)),
    read: (input) => openConsent(text(input), members, verifyEd25519),
    refuses: isOf('ConsentError'),
    signed: 'exact',
  },
  {
    name: 'recall by a nation’s word (JWS)',
    valid: (random) => bytes(recallWord(random)),
    read: (input) => openNationRecall(speakers, text(input), verifyEd25519),
    refuses: isOf('NationRecallError'),
    signed: 'exact',
  },
  {
    name: 'statement (JWS)',
    valid: (random) => bytes(statement(random)),
    read: (input) =>
      statements.release.parse(
        openJws(text(input), statementType('release'), key.publicKey, verifyEd25519),
      ),
    refuses: isOf('JwsError'),
    signed: 'exact',
  },
  {
    name: 'JWS, unchecked',
    valid: (random) => bytes(statement(random)),
    read: (input) => peekJws(text(input)),
    refuses: isOf('JwsError'),
  },
  {
    name: 'JWS of any payload, signed',
    // The signature is good whatever the payload has become: a dishonest nation signs what it likes.
    valid: (random) => bytes(canonicalJson(release(random))),
    read: (input) => {
      const head = signJws(statementType('release'), {}, key.sign).split('.')[0] ?? ''
      const said = `${head}.${toBase64url(input)}`
      const jws = `${said}.${toBase64url(key.sign(bytes(said)))}`
      const payload = openJws(jws, statementType('release'), key.publicKey, verifyEd25519)
      return Object.values(statements).map((schema) => schema.safeParse(payload).success)
    },
    refuses: isOf('JwsError'),
  },
  {
    name: 'canonical JSON',
    valid: (random) => bytes(canonicalJson({ a: [1, 'x', null, { b: true }], n: random.below(9) })),
    read: (input) => parseCanonical(text(input)),
    refuses: isOf('CanonicalJsonError'),
  },
  {
    name: 'digest of any JSON',
    valid: (random) => json({ z: 1, a: random.below(9) }),
    read: (input) => digestOf(read(input)),
    refuses: isOf('SyntaxError', 'CanonicalJsonError'),
  },
  {
    name: 'base64url',
    valid: (random) => bytes(toBase64url(random.bytes(random.below(60)))),
    read: (input) => fromBase64url(text(input)),
    refuses: () => false,
  },
  {
    name: 'fragment',
    valid: () => json(fragment()),
    read: (input) => Fragment.parse(read(input)),
    refuses: parsed,
  },
  {
    name: 'body of a request',
    valid: (random) =>
      json({
        ask: 'change',
        salt: toBase64url(random.bytes(16)),
        by: 'J. Smith',
        reason: 'a letter',
        record: `urn:entente:${'a'.repeat(32)}`,
        field: 'title',
        head: toBase64url(random.bytes(32)),
        base: null,
        value: { number: '7', unit: 'each' },
      }),
    read: (input) => digestRequest(RequestBody.parse(read(input))),
    refuses: isOf('SyntaxError', 'ZodError', 'CanonicalJsonError'),
  },
  {
    name: 'opening',
    valid: (random) => {
      const { head } = fragment()
      return json(random.chance(50) ? putOf(fragment()) : dropOf(head.id, ['title']))
    },
    read: (input) => Opening.parse(read(input)),
    refuses: parsed,
  },
  {
    name: 'record',
    valid: () =>
      json({
        id: `urn:entente:${'0a'.repeat(16)}`,
        kind: 'capability',
        originator: 'USA',
        dataset: 'production',
        fields: {
          title: {
            value: 'a title',
            label: { classification: 'SECRET', releasableTo: [], caveats: [] },
          },
        },
      }),
    read: (input) => DataRecord.safeParse(read(input)).success,
    refuses: parsed,
  },
  {
    name: 'certificate',
    valid: () => bytes(signJws(certificateType, authority, key.sign)),
    read: (input) =>
      Certificate.parse(openJws(text(input), certificateType, key.publicKey, verifyEd25519)),
    refuses: isOf('JwsError'),
    signed: 'exact',
  },
  {
    name: 'roster file',
    valid: () => json(rosterFile()),
    read: (input) => openRoster(read(input), verifyEd25519),
    refuses: isOf('SyntaxError', 'RosterError'),
    signed: 'same',
  },
  {
    name: 'policy file',
    valid: () => json(policyFile()),
    read: (input) => {
      const file = read(input)
      openPolicy(file, [authority], verifyEd25519, 1)
      return SignedPolicy.parse(file)
    },
    refuses: isOf('SyntaxError', 'PolicyError'),
    signed: 'same',
  },
  {
    name: 'label',
    valid: (random) =>
      bytes(
        random.pick([
          'SECRET//REL TO USA, GBR',
          'UNCLASSIFIED',
          'RESTRICTED//NOFORN',
          'SECRET//ESP:RESERVADO//ONLY//REL TO ESP',
        ]),
      ),
    read: (input) => parseLabel(text(input)),
    refuses: notJson,
  },
  {
    name: 'US marking',
    valid: (random) =>
      bytes(
        random.pick([
          'TOP SECRET//SI-G ABCD-XYZ/TK//SAR-BP//RD-SIGMA 14//FGI DEU//ORCON/NOFORN//LES',
          'S//REL TO USA, GBR, FVEY/DISPLAY ONLY AFG',
          '//JOINT S CAN GBR USA//USA/CAN/GBR EYES ONLY',
        ]),
      ),
    read: (input) => {
      const outcome = parseUsMarking(text(input))
      return outcome.ok && formatBanner(rollUp([outcome.marking]))
    },
    refuses: () => false,
  },
]
