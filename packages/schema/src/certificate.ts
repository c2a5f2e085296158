import { z } from 'zod'
import { Nation } from './nation.ts'
import { OneLine } from './one-line.ts'

/** 32-byte public key, base64url. */
export const PublicKey = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'not a 32-byte key')

const common = {
  nation: Nation,
  serial: z.int().min(1),
  name: OneLine.min(1).max(100),
  key: PublicKey,
}

/** What a node of a nation does for it. Exactly one node receives and cosigns; a dataset is released by one at a time. */
export const NodeRole = z.enum(['releaser', 'receiver', 'witness'])
export type NodeRole = z.infer<typeof NodeRole>

/** What the nation's root says about a running node: the only source of a peer's identity. */
export const NodeCertificate = z.strictObject({
  role: z.literal('node'),
  ...common,
  peerId: z.string().min(20).max(80),
  origin: z.string(),
  logKey: z.string().describe('vkey of the release log, signed-note form'),
  witnessKey: z.string().describe('vkey of the cosigner, cosignature/v1'),
  encryptionKey: PublicKey.describe('X25519, for bundles'),
  endpoints: z.array(OneLine).describe('multiaddrs'),
  from: z.int().min(0).default(0).describe('first leaf of its log that the statement key signs'),
  roles: z
    .array(NodeRole)
    .min(1)
    .readonly()
    .optional()
    .describe('absent: all, as the first node of a nation has them'),
  /** Old and new keys sign each other, sorted by key; absent where one was lost, and in first certificates. */
  succession: z
    .array(z.strictObject({ key: PublicKey, jws: z.string().max(2_048) }))
    .min(2)
    .max(4)
    .optional(),
})
export type NodeCertificate = z.infer<typeof NodeCertificate>

/**
 * A node that only drafts, such as a laptop: it shares the ledger with the nation's other nodes, has no log, and no partner lists
 * it. `key` signs what it says to those nodes.
 */
export const DraftingCertificate = z.strictObject({
  role: z.literal('drafting-node'),
  ...common,
  peerId: z.string().min(20).max(80),
  endpoints: z.array(OneLine).describe('multiaddrs that nodes of the nation dial'),
})
export type DraftingCertificate = z.infer<typeof DraftingCertificate>

/** A person who may put policies in force. The key never lies on the node. */
export const AuthorityCertificate = z
  .strictObject({
    role: z.literal('policy-authority'),
    ...common,
    /** Leaves of the log `origin` when it was certified: what was put in force before did not wait for it. Absent: it counts from the first. */
    from: z.int().min(0).optional(),
    /** The nation's log that `from` is a leaf of: a log that has ended is followed by another, whose leaves begin at 0 again. */
    origin: z.string().optional(),
  })
  .refine(({ from, origin }) => (from === undefined) === (origin === undefined), {
    error: 'from and origin stand together: a leaf is a leaf of one log',
  })
export type AuthorityCertificate = z.infer<typeof AuthorityCertificate>

/** A person who may approve and refuse what a policy leaves to one. The key never lies on the node. */
export const OfficerCertificate = z.strictObject({ role: z.literal('release-officer'), ...common })
export type OfficerCertificate = z.infer<typeof OfficerCertificate>

export const Certificate = z.discriminatedUnion('role', [
  NodeCertificate,
  DraftingCertificate,
  AuthorityCertificate,
  OfficerCertificate,
])
export type Certificate = z.infer<typeof Certificate>
export const certificateType = 'entente-certificate'

/** What an authority signs: a policy by edition, digest and interval. Text and rules stay home. */
export const PolicySeal = z.strictObject({
  nation: Nation,
  edition: z.int().min(1),
  digest: z.string(),
  from: z.int().min(0),
  until: z.int().min(0),
})
export type PolicySeal = z.infer<typeof PolicySeal>
export const policySealType = 'entente-policy-seal'
