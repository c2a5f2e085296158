import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import {
  EvidenceHeader,
  GossipAnswer,
  GossipRequest,
  RecipientFrame,
  RecoverFrame,
  RecoverQuestion,
  SenderFrame,
} from '@entente/node/testing'

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
  }
  const schemas = new Map<string, FrameSchema>([
    ['recover, question: recover', RecoverQuestion],
    ['audit, answer: header', EvidenceHeader],
  ])
  for (const [stream, union] of Object.entries(unions))
    for (const option of union.options) schemas.set(`${stream}: ${option.shape.t.value}`, option)
  return schemas
}
