import { createHash, createHmac } from 'node:crypto'
import { ENGINE } from '@entente/policy'
import { type JointTerms, jointActor, signJws, voteSealType } from '@entente/schema'
import { append, type BuiltNation, digestText, type Line, publish, row } from './bundle-builder.ts'
import type { TestKey } from './keys.ts'
import type { Lie } from './lie-tools.ts'
import { canonical } from './second-fragment.ts'
import type { Told } from './story.ts'

const terms: JointTerms = {
  kind: 'requirement',
  members: ['GBR', 'NOR', 'USA'],
  validators: ['GBR', 'USA'],
  quorum: 2,
  label: { classification: 'UNCLASSIFIED', releasableTo: ['GBR', 'NOR'], caveats: [] },
  dataset: 'capabilities',
  nonce: '0'.repeat(32),
}
/** Changes that Automerge has made: the text begun and a title set, and the same with some text written. Named by the hash of all but the first eight bytes. */
const bytes = Buffer.from(
  'hW9Kg8DFPZkBPQAQvAUoyKnWVM5wqc4FUF61lwEBAAAABhUMNAFCA1YDVwRwAn4EdGV4dAV0aXRsZQJ+BAF+AEZMYW1wAgA=',
  'base64',
)
const withText = Buffer.from(
  'hW9KgxWWJyABbgAQvAUoyKnWVM5wqc4FUF61lwEBAAAACgEGAgYRBhMJFQ80A0IEVgZXCXACAAEFAAABAAEFAQABAAIEAAABAAF+AAIDAQABfwR0ZXh0AAV/BXRpdGxlAQUBfwQGAX8ABRZ/RkxhbXBzTGFtcAcA',
  'base64',
)
const unreadable = Buffer.from('a change that no Automerge made')
const ofChange = (change: Buffer): JointLie => ({
  change,
  statement: { change: nameOf(change) },
  inputs: { change: nameOf(change) },
  vote: { heads: [nameOf(change)] },
})
const nameOf = (change: Buffer) => createHash('sha256').update(change.subarray(8)).digest('hex')

interface JointLie {
  readonly statement?: Line
  readonly inputs?: Line
  /** Inputs that are shown in place of those committed to. */
  readonly shown?: Line
  /** Null: it is not shown, though the rest is. */
  readonly change?: Buffer | null
  readonly hidden?: true
  readonly vote?: Line
  /** It says the same vote twice. */
  readonly again?: true
  /** The member `seal` of the vote. @param told `sealed`: what an officer of the USA, or somebody else, seals of it */
  readonly seal?: (told: {
    readonly sealed: (by?: Line, signer?: TestKey) => string
    readonly usa: BuiltNation
    readonly gbr: BuiltNation
  }) => Line
}

/** The USA creates a joint document and endorses it. Untouched, it is true. */
export function sayJoint(
  { federation, usa, gbr, policies }: Told,
  {
    statement,
    inputs: decided,
    shown,
    change = bytes,
    hidden,
    vote,
    again,
    seal = ({ sealed }) => ({ seal: sealed() }),
  }: JointLie = {},
): void {
  const recipients = ['GBR', 'NOR']
  const inputs: Line = {
    engine: ENGINE,
    policy: policies.second.digest,
    at: federation.now + 1000,
    change: nameOf(bytes),
    kind: terms.kind,
    dataset: terms.dataset,
    label: terms.label,
    recipients,
    fields: ['title'],
    ...decided,
  }
  const first = append(
    federation,
    usa,
    'joint',
    {
      document: null,
      feed: null,
      seq: 0,
      prev: null,
      recipients,
      terms,
      actor: jointActor(terms, 'USA', 0),
      actorSeq: 1,
      change: nameOf(bytes),
      deps: [],
      startOp: 1,
      ops: 3,
      policy: policies.second.index,
      ...statement,
    },
    (salt) => ({
      inputs: createHmac('sha256', salt).update(canonical(inputs)).digest('base64url'),
    }),
  )
  const { index } = first
  if (hidden === undefined)
    row(usa, 'joint.jsonl', {
      index,
      inputs: { ...inputs, ...shown },
      ...(change !== null && { change: change.toString('base64') }),
    })
  const document = digestText(first.jws)
  const heads = vote?.['heads'] ?? [nameOf(bytes)]
  const said = { document, heads, choice: 'endorse' }
  const sealed = (by: Line = {}, signer: TestKey = usa.keys.officer): string =>
    signJws(
      voteSealType,
      { nation: 'USA', key: signer.base64url, ...said, at: federation.now, ...by },
      signer.sign,
    )
  const word = { feed: document, recipients, ...said, ...seal({ sealed, usa, gbr }) }
  const voted = append(federation, usa, 'vote', { ...word, seq: 1, prev: document, ...vote })
  if (again) append(federation, usa, 'vote', { ...word, seq: 2, prev: digestText(voted.jws) })
  publish(federation, usa)
}

const lie = (what: string, code: Lie[1], told: JointLie): Lie => [
  what,
  code,
  'USA',
  { late: (story) => sayJoint(story, told) },
]

/** Lies about joint documents. */
export const jointLies: readonly Lie[] = [
  lie('a change of a joint document under another’s actor', 'JOINT_MEMBERS', {
    statement: { actor: jointActor(terms, 'GBR', 0) },
  }),
  lie('a document whose validators do not name the voter', 'JOINT_MEMBERS', {
    statement: {
      terms: { ...terms, validators: ['GBR', 'NOR'] },
      actor: jointActor({ ...terms, validators: ['GBR', 'NOR'] }, 'USA', 0),
    },
  }),
  lie('a change kept from one member', 'JOINT_MEMBERS', {
    statement: { recipients: ['GBR'] },
    inputs: { recipients: ['GBR'] },
    vote: { recipients: ['GBR'] },
  }),
  lie('inputs of a joint change kept closed', 'JOINT_INPUTS', { hidden: true }),
  lie('other inputs shown of a joint change', 'JOINT_INPUTS', { shown: { fields: ['supplier'] } }),
  lie('inputs that name another change', 'JOINT_INPUTS', { inputs: { change: 'f'.repeat(64) } }),
  lie('a caveat that the label of the document does not have', 'JOINT_INPUTS', {
    inputs: { label: { ...terms.label, caveats: ['ORCON'] } },
  }),
  lie('a change that the policy keeps from the members', 'JOINT_RELEASE', {
    inputs: { fields: ['text', 'title'] },
  }),
  lie('a vote that a node says alone', 'VOTE_UNSEALED', { seal: () => ({}) }),
  lie('a vote sealed with the key of another nation’s officer', 'VOTE_PERSON', {
    seal: ({ sealed, gbr }) => ({ seal: sealed({}, gbr.keys.officer) }),
  }),
  lie('a vote sealed with the key of the node', 'VOTE_PERSON', {
    seal: ({ sealed, usa }) => ({ seal: sealed({}, usa.keys.node) }),
  }),
  lie('a vote sealed with the key of a policy authority', 'VOTE_PERSON', {
    seal: ({ sealed, usa }) => ({ seal: sealed({}, usa.keys.authority) }),
  }),
  lie('a seal in an officer’s name that the officer has not signed', 'VOTE_SEAL', {
    seal: ({ sealed, usa }) => ({
      seal: sealed({ key: usa.keys.officer.base64url }, usa.keys.node),
    }),
  }),
  lie('an objection that is said as an endorsement', 'VOTE_SEAL', {
    seal: ({ sealed }) => ({ seal: sealed({ choice: 'object' }) }),
  }),
  lie('a seal over what the document said before', 'VOTE_SEAL', {
    seal: ({ sealed }) => ({ seal: sealed({ heads: ['e'.repeat(64)] }) }),
  }),
  lie('a seal over another document', 'VOTE_SEAL', {
    seal: ({ sealed }) => ({ seal: sealed({ document: 'd'.repeat(43) }) }),
  }),
  lie('a seal for another nation', 'VOTE_SEAL', {
    seal: ({ sealed }) => ({ seal: sealed({ nation: 'GBR' }) }),
  }),
  lie('a vote said before it was sealed', 'VOTE_SEAL', {
    seal: ({ sealed }) => ({ seal: sealed({ at: 9_000_000_000_000 }) }),
  }),
  lie('a seal that was used before', 'VOTE_REPLAYED', { again: true }),
  lie('other bytes shown of a joint change', 'JOINT_BYTES', {
    change: Buffer.from('another change of a joint document'),
  }),
  lie('a change of a joint document kept closed', 'JOINT_BYTES', { change: null }),
  lie(
    'a text written by a change that says that it writes a title',
    'JOINT_FIELDS',
    ofChange(withText),
  ),
  lie('a change of a joint document that nobody can read', 'JOINT_FIELDS', ofChange(unreadable)),
]
