import {
  fromHex,
  JwsError,
  keyBytes,
  openJws,
  PolicyInForce,
  policySealType,
  type Release,
  statementType,
} from '@entente/schema'
import { leafHash, parseBase64, type Tree, verifyInclusion } from '@entente/tlog'
import type { Deps, Partner } from '../deps.ts'
import type { StatementFrame } from '../feed/frames.ts'
import { entryOf } from '../log/leaf.ts'
import { leafKey } from './leaf-key.ts'
import type { Refuse } from './place.ts'

type SentPolicy = NonNullable<StatementFrame['policy']>

/**
 * A release rests on a policy that was committed before it, was in force when it was decided, and that no newer one had taken the place of.
 * @param sent the policy, where it came with the release
 */
export function admitPolicy(
  deps: Deps,
  partner: Partner,
  release: Release,
  leafIndex: number,
  sent: SentPolicy | undefined,
  checkpoint: Tree,
  refuse: Refuse,
): void {
  const { db } = deps
  if (release.policy >= leafIndex) throw refuse('POLICY_LATE', 'its policy was committed after it')
  const known = db
    .prepare('SELECT from_ms, until_ms FROM partner_policy WHERE origin = ? AND idx = ?')
    .get(partner.log.origin, release.policy)
  let interval =
    known === undefined
      ? null
      : { from: known['from_ms'] as number, until: known['until_ms'] as number }
  if (interval === null) {
    if (sent === undefined || sent.index !== release.policy)
      throw refuse('POLICY_MISSING', `policy leaf ${release.policy} was not sent`)
    interval = keepPolicy(deps, partner, sent, checkpoint, refuse)
  }
  const superseded = db
    .prepare(
      'SELECT 1 FROM partner_policy WHERE origin = ? AND idx > ? AND idx < ? AND from_ms <= ? AND until_ms > ?',
    )
    .get(partner.log.origin, release.policy, leafIndex, release.at, release.at)
  if (release.effect === 'widen' && superseded !== undefined)
    throw refuse('POLICY_INTERVAL', 'a newer policy was in force')
  if (release.effect === 'widen' && (release.at < interval.from || release.at >= interval.until))
    throw refuse('POLICY_INTERVAL', 'the policy was not in force at the time of decision')
}

/** A policy by itself: later releases of its log may rest on it. Does nothing where it is known. */
export function takePolicy(
  deps: Deps,
  partner: Partner,
  sent: SentPolicy,
  checkpoint: Tree,
  refuse: Refuse,
): void {
  const known = deps.db
    .prepare('SELECT 1 FROM partner_policy WHERE origin = ? AND idx = ?')
    .get(partner.log.origin, sent.index)
  if (known === undefined) keepPolicy(deps, partner, sent, checkpoint, refuse)
}

function keepPolicy(
  deps: Deps,
  partner: Partner,
  sent: SentPolicy,
  checkpoint: Tree,
  refuse: Refuse,
): PolicyInForce {
  const { db } = deps
  const policy = openPolicyLeaf(deps, partner, sent, checkpoint, refuse)
  const newest = db
    .prepare('SELECT MAX(edition) AS edition FROM partner_policy WHERE origin = ? AND idx < ?')
    .get(partner.log.origin, sent.index)
  if (policy.edition <= ((newest?.['edition'] as number | null) ?? 0))
    throw refuse('POLICY_EDITION', `edition ${policy.edition} is not newer`)
  db.prepare(
    'INSERT INTO partner_policy(origin, idx, edition, from_ms, until_ms, jws, salt) VALUES (?, ?, ?, ?, ?, ?, ?)',
  ).run(
    partner.log.origin,
    sent.index,
    policy.edition,
    policy.from,
    policy.until,
    sent.jws,
    fromHex(sent.salt),
  )
  return policy
}

function openPolicyLeaf(
  deps: Deps,
  partner: Partner,
  sent: SentPolicy,
  checkpoint: Tree,
  refuse: Refuse,
): PolicyInForce {
  const hashes = sent.hashes.map((text) => parseBase64(text, 'HASH_LENGTH'))
  verifyInclusion(
    leafHash(entryOf(sent.jws, fromHex(sent.salt)), deps.hash),
    sent.index,
    hashes,
    checkpoint,
    deps.hash,
  )
  const parsed = PolicyInForce.safeParse(
    openJws(sent.jws, statementType('policy'), leafKey(partner, sent.index), deps.verify),
  )
  if (!parsed.success || parsed.data.origin !== partner.log.origin)
    throw refuse('STATEMENT_FORM', 'its policy statement is malformed')
  const policy = parsed.data
  const { nation } = partner
  const wanted = {
    nation,
    edition: policy.edition,
    digest: policy.digest,
    from: policy.from,
    until: policy.until,
  }
  const signed = partner.member.authorities.filter(({ key }) =>
    policy.signatures.some((jws) => {
      try {
        return (
          JSON.stringify(openJws(jws, policySealType, keyBytes(key), deps.verify)) ===
          JSON.stringify(sorted(wanted))
        )
      } catch (error) {
        if (error instanceof JwsError) return false
        throw error
      }
    }),
  )
  if (signed.length < partner.member.policyQuorum)
    throw refuse(
      'POLICY_UNSIGNED',
      `its policy carries ${signed.length} of ${partner.member.policyQuorum} signatures of authorities in the roster`,
    )
  return policy
}

const sorted = (object: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)))
