import {
  fromHex,
  isCritical,
  JwsError,
  keyBytes,
  openJws,
  PolicyInForce,
  peekJws,
  policySealType,
  type Release,
  type Subscribe,
  statements,
  statementType,
} from '@entente/schema'
import {
  leafHash,
  parseBase64,
  parseTlogProof,
  type Tree,
  VerificationError,
  verifyInclusion,
} from '@entente/tlog'
import type { Deps, Partner } from '../deps.ts'
import type { StatementFrame } from '../feed/frames.ts'
import { entryOf, statementHash } from '../log/leaf.ts'
import { AdmitError } from './codes.ts'
import { cosignedBefore, type ProvenCheckpoint } from './evidence.ts'
import { leafKey } from './leaf-key.ts'

export type FeedStatement =
  | { readonly kind: 'release'; readonly payload: Release }
  | { readonly kind: 'subscribe'; readonly payload: Subscribe }

export interface AdmittedStatement {
  readonly statement: FeedStatement
  readonly feed: string
  readonly hash: string
  readonly index: number
  /** False when this very statement had been admitted before. */
  readonly isNew: boolean
}

/** Refusals of tlog and JWS keep their own codes. */
export function asStatementError<T>(partner: Partner, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof VerificationError || error instanceof JwsError)
      throw new AdmitError(
        'statement',
        error.code,
        `statement of ${partner.nation}: ${error.message}`,
        { cause: error },
      )
    throw error
  }
}

/** Opens a statement that is a leaf of the partner's tree, is signed by its node, and names us. */
export function openLeaf(
  deps: Deps,
  partner: Partner,
  leaf: {
    readonly jws: string
    readonly salt: string
    readonly index: number
    readonly hashes: readonly Uint8Array[]
  },
  tree: Tree,
): FeedStatement {
  const refuse = (code: AdmitError['code'], message: string) =>
    new AdmitError('statement', code, `statement of ${partner.nation}: ${message}`)
  // The key is the sender's, whatever the header says; the type must only be one that we know.
  const { typ } = peekJws(leaf.jws)
  const opened = openJws(leaf.jws, typ, leafKey(partner, leaf.index), deps.verify)
  verifyInclusion(
    leafHash(entryOf(leaf.jws, fromHex(leaf.salt)), deps.hash),
    leaf.index,
    leaf.hashes,
    tree,
    deps.hash,
  )
  const kind = /^entente-(.+)$/.exec(typ)?.[1] ?? typ
  if (kind !== 'release' && kind !== 'subscribe') {
    if (kind in statements || !isCritical(kind))
      throw refuse('STATEMENT_KIND', `a ${kind} does not belong in a feed`)
    throw refuse('UPGRADE_NEEDED', `kind ${kind} is critical and not known to this version`)
  }
  const parsed = statements[kind].safeParse(opened)
  if (!parsed.success)
    throw refuse('STATEMENT_FORM', parsed.error.issues[0]?.message ?? 'malformed')
  const statement = { kind, payload: parsed.data } as FeedStatement
  if (statement.payload.origin !== partner.log.origin)
    throw refuse('STATEMENT_ORIGIN', `origin ${statement.payload.origin} is not the sender's`)
  if (statement.payload.recipient !== deps.nation)
    throw refuse('STATEMENT_RECIPIENT', `it is addressed to ${statement.payload.recipient}`)
  return statement
}

/**
 * Second commit of admission: signature, recipient, place in the feed, inclusion, decision time, policy. The verified
 * statement advances the chain even if its bodies turn out bad.
 * @throws {AdmitError} stage `statement`
 */
export function admitStatement(
  deps: Deps,
  partner: Partner,
  frame: StatementFrame,
  checkpoint: ProvenCheckpoint,
): AdmittedStatement {
  const { db } = deps
  return asStatementError(partner, () => {
    const { index, hashes } = parseTlogProof(frame.proof)
    const statement = openLeaf(
      deps,
      partner,
      { jws: frame.jws, salt: frame.salt, index, hashes },
      checkpoint,
    )
    const { payload } = statement
    const hash = statementHash(frame.jws)
    const feed = payload.feed ?? hash
    const refuse = (code: AdmitError['code'], message: string) =>
      new AdmitError(
        'statement',
        code,
        `statement ${payload.seq} of feed ${feed.slice(0, 8)} from ${partner.nation}: ${message}`,
      )
    const known = db
      .prepare('SELECT jws FROM statement_in WHERE feed = ? AND seq = ?')
      .get(feed, payload.seq)
    if (known !== undefined) {
      if (known['jws'] !== frame.jws)
        throw refuse('FEED_CHAIN', 'another statement already stands at this place')
      return { statement, feed, hash, index, isNew: false }
    }
    checkPlace(deps, partner, statement, feed, refuse)
    checkTime(deps, partner, payload.at, index, checkpoint, refuse)
    if (statement.kind === 'release')
      admitPolicy(deps, partner, statement.payload, index, frame.policy, checkpoint, refuse)
    const dataset = statement.kind === 'release' ? statement.payload.dataset : ''
    db.transact(() => {
      db.prepare(
        'INSERT INTO statement_in(feed, seq, sender, idx, jws, salt, proof) VALUES (?, ?, ?, ?, ?, ?, ?)',
      ).run(feed, payload.seq, partner.nation, index, frame.jws, fromHex(frame.salt), frame.proof)
      db.prepare(
        'INSERT INTO feed_in(feed, sender, dataset, seq, last, body_seq) VALUES (?, ?, ?, ?, ?, -1) ON CONFLICT(feed) DO UPDATE SET seq = excluded.seq, last = excluded.last',
      ).run(feed, partner.nation, dataset, payload.seq, hash)
    })
    deps.onStep('admit:statement')
    return { statement, feed, hash, index, isNew: true }
  })
}

type Refuse = (code: AdmitError['code'], message: string) => AdmitError

function checkPlace(
  { db }: Deps,
  partner: Partner,
  statement: FeedStatement,
  feed: string,
  refuse: Refuse,
): void {
  const { payload } = statement
  const dataset = statement.kind === 'release' ? statement.payload.dataset : ''
  const row = db.prepare('SELECT seq, last, sender, dataset FROM feed_in WHERE feed = ?').get(feed)
  if (payload.seq === 0) {
    if (payload.feed !== null || payload.prev !== null)
      throw refuse('FEED_CHAIN', 'statement 0 names a feed or a predecessor')
    const other = db
      .prepare('SELECT feed FROM feed_in WHERE sender = ? AND dataset = ?')
      .get(partner.nation, dataset)
    // A second feed for the dataset needs a reset statement that names the first.
    if (other !== undefined)
      throw refuse('FEED_DATASET', `dataset ${dataset || 'control'} already has a feed`)
    return
  }
  if (row === undefined || row['sender'] !== partner.nation)
    throw refuse('FEED_UNKNOWN', 'no such feed from this nation')
  if (row['dataset'] !== dataset)
    throw refuse('FEED_DATASET', `the feed is for ${row['dataset'] as string}, not ${dataset}`)
  if (payload.seq !== (row['seq'] as number) + 1)
    throw refuse('FEED_GAP', `expected ${(row['seq'] as number) + 1}`)
  if (payload.prev !== row['last']) throw refuse('FEED_CHAIN', 'it does not name its predecessor')
}

/** Decided after the checkpoint before it and before its own was cosigned: nothing can be decided "yesterday". */
function checkTime(
  deps: Deps,
  partner: Partner,
  atMs: number,
  index: number,
  checkpoint: ProvenCheckpoint,
  refuse: Refuse,
): void {
  const { toleranceMs } = deps.roster.witnessPolicy
  const before = cosignedBefore(deps, partner.log.origin, index)
  if (before !== null && atMs < before * 1000 - toleranceMs)
    throw refuse('DECISION_TIME', 'decided before the previous checkpoint was cosigned')
  if (atMs > (checkpoint.cosignedS + 1) * 1000 + toleranceMs)
    throw refuse('DECISION_TIME', 'decided after its own checkpoint was cosigned')
}

function admitPolicy(
  deps: Deps,
  partner: Partner,
  release: Release,
  leafIndex: number,
  sent: StatementFrame['policy'],
  checkpoint: ProvenCheckpoint,
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
    const policy = openPolicyLeaf(deps, partner, sent, checkpoint, refuse)
    const newest = db
      .prepare('SELECT MAX(edition) AS edition FROM partner_policy WHERE origin = ? AND idx < ?')
      .get(partner.log.origin, sent.index)
    if (policy.edition <= ((newest?.['edition'] as number | null) ?? 0))
      throw refuse('POLICY_EDITION', `edition ${policy.edition} is not newer`)
    db.prepare(
      'INSERT INTO partner_policy(origin, idx, edition, from_ms, until_ms, jws) VALUES (?, ?, ?, ?, ?, ?)',
    ).run(partner.log.origin, sent.index, policy.edition, policy.from, policy.until, sent.jws)
    interval = policy
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

function openPolicyLeaf(
  deps: Deps,
  partner: Partner,
  sent: NonNullable<StatementFrame['policy']>,
  checkpoint: ProvenCheckpoint,
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
