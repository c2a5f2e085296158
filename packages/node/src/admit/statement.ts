import {
  type FeedKind,
  feedKinds,
  fromHex,
  JwsError,
  LaterStatement,
  openJws,
  peekJws,
  type Reset,
  type Statement,
  statements,
} from '@entente/schema'
import {
  leafHash,
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
import { checkPlace, datasetOf, type Refuse } from './place.ts'
import { admitPolicy } from './policy.ts'
import { checkReleaser } from './releaser.ts'
import { whereMalformed } from './where-malformed.ts'
import { withoutQuotes } from './without-quotes.ts'

/** Kinds of a feed to one nation; what stands in a joint document goes to all its members, by a stream of its own. */
type PairKind = Exclude<FeedKind, 'joint' | 'vote'>

/** A statement of a feed; `unknown`: a kind of a later version, named as that version names it. */
export type FeedStatement =
  | {
      [K in PairKind]: { readonly kind: K; readonly payload: Statement<K> }
    }[PairKind]
  | { readonly kind: 'unknown'; readonly name: string; readonly payload: LaterStatement }

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
        `statement of ${partner.nation}: ${withoutQuotes(error.message)}`,
        { cause: error },
      )
    throw error
  }
}

/** Of this version and of any later one: it is repeated to people. */
const TYPE = /^entente-[a-z-]{1,24}$/

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
  if (!TYPE.test(typ)) throw refuse('STATEMENT_KIND', 'its type is none that a version could have')
  const opened = openJws(leaf.jws, typ, leafKey(partner, leaf.index), deps.verify)
  verifyInclusion(
    leafHash(entryOf(leaf.jws, fromHex(leaf.salt)), deps.hash),
    leaf.index,
    leaf.hashes,
    tree,
    deps.hash,
  )
  const statement = readStatement(/^entente-(.+)$/.exec(typ)?.[1] ?? typ, opened, refuse)
  if (statement.payload.origin !== partner.log.origin)
    throw refuse('STATEMENT_ORIGIN', 'its origin is not the log of the sender')
  if (statement.payload.recipient !== deps.nation)
    throw refuse('STATEMENT_RECIPIENT', `it is addressed to ${statement.payload.recipient}`)
  return statement
}

/** A kind that must be understood and is not stops its feed; one that need not be is kept, and never applied. */
function readStatement(kind: string, opened: unknown, refuse: Refuse): FeedStatement {
  if (kind === 'joint' || kind === 'vote')
    throw refuse(
      'STATEMENT_KIND',
      `a ${kind} goes to all members of its document, and not in a feed`,
    )
  if (isFeedKind(kind)) {
    const parsed = statements[kind].safeParse(opened)
    if (parsed.success) return { kind, payload: parsed.data } as FeedStatement
    throw refuse('STATEMENT_FORM', whereMalformed(parsed.error))
  }
  if (kind in statements) throw refuse('STATEMENT_KIND', `a ${kind} does not belong in a feed`)
  const later = LaterStatement.safeParse(opened)
  if (later.success) return { kind: 'unknown', name: kind, payload: later.data }
  const name = /^[a-z-]{1,24}$/.test(kind) ? ` ${kind}` : ''
  throw refuse('UPGRADE_NEEDED', `its kind${name} is critical and not known to this version`)
}

const isFeedKind = (kind: string): kind is PairKind =>
  (feedKinds as readonly string[]).includes(kind)

/**
 * Second commit of admission: signature, recipient, place in the feed, inclusion, decision time, policy. The verified
 * statement advances the chain even if its bodies turn out bad.
 * @param onReset closes what a reset replaces, in the transaction that begins the new feed
 * @throws {AdmitError} stage `statement`
 */
export function admitStatement(
  deps: Deps,
  partner: Partner,
  frame: StatementFrame,
  checkpoint: ProvenCheckpoint,
  onReset: (reset: Reset, feed: string) => void,
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
    if (db.prepare('SELECT 1 FROM closed_in WHERE feed = ?').get(feed) !== undefined)
      throw refuse('FEED_CLOSED', 'a reset has replaced this feed')
    const known = db
      .prepare('SELECT jws FROM statement_in WHERE feed = ? AND seq = ?')
      .get(feed, payload.seq)
    if (known !== undefined) {
      if (known['jws'] !== frame.jws)
        throw refuse('FEED_CHAIN', 'another statement already stands at this place')
      return { statement, feed, hash, index, isNew: false }
    }
    if (!checkpoint.isFresh && !narrows(statement))
      throw refuse(
        'QUORUM_STALE',
        'the cosignatures of its checkpoint are too old to say that nothing newer is kept from us: its sender must have it cosigned again',
      )
    if (statement.kind === 'release' || statement.kind === 'reset')
      checkReleaser(deps, partner, statement.payload.dataset, index, refuse)
    checkPlace(deps, partner, statement, feed, refuse)
    checkTime(deps, partner, statement, index, checkpoint, refuse)
    if (statement.kind === 'release')
      admitPolicy(deps, partner, statement.payload, index, frame.policy, checkpoint, refuse)
    db.transact(() => {
      if (statement.kind === 'reset') onReset(statement.payload, feed)
      db.prepare(
        'INSERT INTO statement_in(feed, seq, sender, idx, jws, salt, proof) VALUES (?, ?, ?, ?, ?, ?, ?)',
      ).run(feed, payload.seq, partner.nation, index, frame.jws, fromHex(frame.salt), frame.proof)
      db.prepare(
        'INSERT INTO feed_in(feed, sender, dataset, seq, last, body_seq) VALUES (?, ?, ?, ?, ?, -1) ON CONFLICT(feed) DO UPDATE SET seq = excluded.seq, last = excluded.last',
      ).run(feed, partner.nation, datasetOf(statement, partner), payload.seq, hash)
    })
    deps.onStep('admit:statement')
    return { statement, feed, hash, index, isNew: true }
  })
}

/** What only takes away is taken however old its proof is. */
function narrows({ kind, payload }: FeedStatement): boolean {
  if (kind === 'release') return payload.effect === 'narrow'
  if (kind === 'subscribe') return payload.action === 'unsubscribe'
  if (kind === 'consent') return payload.action === 'withdraw'
  return kind === 'recall' || kind === 'purge'
}

/**
 * Decided after the checkpoint before it and before its own was cosigned: nothing can be decided "yesterday". Where cosignatures
 * come by courier, what does not widen may be sealed while they are on their way, and is dated before them.
 */
function checkTime(
  deps: Deps,
  partner: Partner,
  { kind, payload }: FeedStatement,
  index: number,
  checkpoint: ProvenCheckpoint,
  refuse: Refuse,
): void {
  const { toleranceMs, courierMs = 0 } = deps.roster.witnessPolicy
  const atMs = payload.at
  const widens = kind === 'release' && payload.effect === 'widen'
  const backMs = widens ? toleranceMs : Math.max(toleranceMs, courierMs)
  const before = cosignedBefore(deps, partner.log.origin, index)
  if (before !== null && atMs < before * 1000 - backMs)
    throw refuse('DECISION_TIME', 'decided before the previous checkpoint was cosigned')
  if (atMs > (checkpoint.cosignedS + 1) * 1000 + toleranceMs)
    throw refuse('DECISION_TIME', 'decided after its own checkpoint was cosigned')
}
