import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import {
  CourierItem,
  EvidenceHeader,
  GivenFrame,
  GossipAnswer,
  GossipRequest,
  HandOverMessage,
  HaveFrame,
  HelloFrame,
  KeysFrame,
  LedgerFrame,
  PassedFrame,
  PurgeMessage,
  RecipientFrame,
  RecoverFrame,
  RecoverQuestion,
  RosterFrame,
  SenderFrame,
  WantedFrame,
} from '@entente/node/testing'
import {
  InvitationPayload,
  invitationType,
  ReplyPayload,
  Revocation,
  RootRecall,
  RootSuccession,
  replyType,
  revocationType,
  rootRecallType,
  rootSuccessionType,
  VoteSeal,
  voteSealType,
} from '@entente/schema'

/** A fixed key, so that the same sentence is signed to the same bytes (RFC 8032). It signs nothing else. */
const seed = Buffer.alloc(32, 7)
const privateKey = createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]),
  format: 'der',
  type: 'pkcs8',
})
export const publicKey = new Uint8Array(
  createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32),
)
export const signFixed = (message: Uint8Array): Uint8Array =>
  new Uint8Array(sign(null, message, privateKey))

export interface FrameSchema {
  readonly parse: (frame: unknown) => unknown
}

/** Every sort of frame of every stream, by `stream: frame`. */
export function frameSchemas(): ReadonlyMap<string, FrameSchema> {
  const unions = {
    'feed, recipient': RecipientFrame,
    'feed, sender': SenderFrame,
    'gossip, request': GossipRequest,
    'gossip, answer': GossipAnswer,
    'recover, answer': RecoverFrame,
    'joint, answer': GivenFrame,
    ledger: LedgerFrame,
    'received, wanted': WantedFrame,
    'received, passed': PassedFrame,
    courier: CourierItem,
  }
  const schemas = new Map<string, FrameSchema>([
    ['recover, question: recover', RecoverQuestion],
    ['audit, answer: header', EvidenceHeader],
    ['joint, question: have', HaveFrame],
    ['keys: revocations', KeysFrame],
    ['keys: revocations, with recalls', KeysFrame],
    ['pairing: hello', HelloFrame],
    ['pairing: roster', RosterFrame],
    ['handover: dataset', HandOverMessage],
    ['handover: dataset, numbered', HandOverMessage],
    ['handover: purge', PurgeMessage],
    ['handover: purge, unproven', PurgeMessage],
  ])
  for (const [stream, union] of Object.entries(unions))
    for (const option of union.options) schemas.set(`${stream}: ${option.shape.t.value}`, option)
  return schemas
}

/** The schema of a frame, of one with later members as well. */
export const frameSchema = (name: string): FrameSchema =>
  frameSchemas().get(name.slice(0, name.lastIndexOf(','))) ??
  (frameSchemas().get(name) as FrameSchema)

/** Signed sentences that go by file or beside a frame, by the type under which they are signed. */
export const sentences: Readonly<Record<string, FrameSchema>> = {
  [invitationType]: InvitationPayload,
  [replyType]: ReplyPayload,
  [revocationType]: Revocation,
  [voteSealType]: VoteSeal,
  [rootSuccessionType]: RootSuccession,
  [rootRecallType]: RootRecall,
}
