import { z } from 'zod'
import { type NodeCertificate, PublicKey } from './certificate.ts'
import { Nation } from './nation.ts'
import { AtMs, Origin } from './statement/said.ts'

/**
 * The root's word that a statement key of a log can no longer be believed. `lastGood`: the last leaf it signed that still counts,
 * null when none does; later leaves under this key are refused, and hidden where they were admitted before.
 */
export const Revocation = z.strictObject({
  nation: Nation,
  origin: Origin,
  key: PublicKey,
  lastGood: z.int().min(0).nullable(),
  at: AtMs,
  reason: z.string().min(1).max(200),
})
export type Revocation = z.infer<typeof Revocation>
export const revocationType = 'entente-revocation'

/** A nation's node certificates, by rising serial, and what its root has revoked. */
export interface CertifiedKeys {
  readonly nodes: readonly NodeCertificate[]
  readonly revocations: readonly Revocation[]
}

/** The statement key of one leaf. */
export interface LeafKey {
  readonly certificate: NodeCertificate
  /** Names the leaf as one that no longer counts; null while it does. */
  readonly revoked: Revocation | null
}

/**
 * Which key signs a leaf: that of the newest certificate whose range has begun. The range is in leaves, not in time, so that a
 * partner that was away can still admit what was good, whenever it comes back.
 * @param index of the leaf, zero-based
 * @returns null when no certificate of the nation is for this log
 */
export function statementKeyAt(keys: CertifiedKeys, origin: string, index: number): LeafKey | null {
  const certificate = keys.nodes.findLast((node) => node.origin === origin && node.from <= index)
  if (certificate === undefined) return null
  const { key } = certificate
  const lastGood = (revocation: Revocation) => revocation.lastGood ?? -1
  const revoked = keys.revocations.find(
    (revocation) =>
      revocation.origin === origin && revocation.key === key && index > lastGood(revocation),
  )
  return { certificate, revoked: revoked ?? null }
}

/** Statement keys of a nation that no revocation names, the newest first: any of them may have signed what is no leaf. */
export function unrevokedKeys({ nodes, revocations }: CertifiedKeys): readonly string[] {
  const revoked = new Set(revocations.map(({ key }) => key))
  return [...new Set(nodes.toReversed().map(({ key }) => key))].filter((key) => !revoked.has(key))
}
