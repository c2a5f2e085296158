import { fromHex, Joint, openJws, peekJws, statementType, toHex, Vote } from '@entente/schema'
import {
  leafHash,
  openCheckpoint,
  parseTlogProof,
  verifyInclusion,
  verifyQuorum,
} from '@entente/tlog'
import type { Deps, Partner } from '../deps.ts'
import { knownAt } from '../gossip/known.ts'
import { standingOf } from '../gossip/standing.ts'
import type { JointFrame } from '../joint/joint-frames.ts'
import { entryOf, statementHash } from '../log/leaf.ts'
import { keepEvidence } from '../witness/fork-evidence.ts'
import { witnessesFor } from '../witness/witness-set.ts'
import { AdmitError } from './codes.ts'
import { leafKey } from './leaf-key.ts'
import { asStatementError } from './statement.ts'
import { whereMalformed } from './where-malformed.ts'

/** A statement of a joint document that its writer has signed and logged. What it says has not been looked at. */
export type ProvenJoint = {
  readonly hash: string
  readonly index: number
  /** The checkpoint that proves it. */
  readonly note: string
} & (
  | { readonly kind: 'joint'; readonly payload: Joint }
  | { readonly kind: 'vote'; readonly payload: Vote }
)

/**
 * The door for statements of joint documents, whoever has handed them on: the log of the writer stands well, a quorum vouches for the
 * checkpoint, the statement is a leaf under it, signed by the key that is valid there, and addressed to us. Whether the checkpoint is one
 * history with others of that log, gossip asks: a member that relays cannot prove it.
 * @throws {AdmitError}
 */
export function admitJointProof(deps: Deps, writer: Partner, frame: JointFrame): ProvenJoint {
  const { db, clock, hash, verify, roster } = deps
  const { nation, log } = writer
  const refuse = (code: AdmitError['code'], message: string) =>
    new AdmitError('statement', code, `statement of ${nation} in a joint document: ${message}`)
  const nowMs = clock.nowMs()
  if (standingOf({ db, nowMs, policy: roster.witnessPolicy }, log.origin).kind !== 'good')
    throw refuse('ORIGIN_UNPROVEN', `nothing of ${log.origin} is admitted now: see entente status`)
  return asStatementError(writer, () => {
    const { index, hashes, checkpoint: note } = parseTlogProof(frame.proof)
    const cosignedS = proveCheckpoint(note)
    const { checkpoint } = openCheckpoint(note, log, verify)
    verifyInclusion(
      leafHash(entryOf(frame.jws, fromHex(frame.salt)), hash),
      index,
      hashes,
      checkpoint,
      hash,
    )
    const { typ } = peekJws(frame.jws)
    if (typ !== statementType('joint') && typ !== statementType('vote'))
      throw refuse('STATEMENT_KIND', 'it is neither a change nor a vote')
    const opened = openJws(frame.jws, typ, leafKey(writer, index), verify)
    const found = { hash: statementHash(frame.jws), index, note }
    const place = <K extends 'joint' | 'vote', P extends Joint | Vote>(kind: K, payload: P) => {
      if (payload.origin !== log.origin)
        throw refuse('STATEMENT_ORIGIN', 'its origin is not the log of the writer')
      if (!payload.recipients.includes(deps.nation))
        throw refuse('STATEMENT_RECIPIENT', 'it is not addressed to us')
      if (payload.at > (cosignedS + 1) * 1000 + roster.witnessPolicy.toleranceMs)
        throw refuse('DECISION_TIME', 'decided after its own checkpoint was cosigned')
      if ((payload.seq === 0) !== (payload.feed === null && payload.prev === null))
        throw refuse('FEED_CHAIN', 'it names a feed and a predecessor where it must not, or none')
      return { ...found, kind, payload }
    }
    if (typ === statementType('joint')) {
      const parsed = Joint.safeParse(opened)
      if (parsed.success) return place('joint', parsed.data)
      throw refuse('STATEMENT_FORM', whereMalformed(parsed.error))
    }
    const parsed = Vote.safeParse(opened)
    if (parsed.success) return place('vote', parsed.data)
    throw refuse('STATEMENT_FORM', whereMalformed(parsed.error))
  })

  /** @returns when a quorum vouched for it, POSIX seconds */
  function proveCheckpoint(note: string): number {
    const { note: opened, checkpoint } = openCheckpoint(note, log, verify)
    const { set, options } = witnessesFor(nation, roster)
    const toS = Math.floor((nowMs + roster.witnessPolicy.toleranceMs) / 1000)
    const counted = verifyQuorum(opened, set, { ...options, window: { fromS: 0, toS } }, verify)
    const other = knownAt(db, checkpoint.origin, checkpoint.size)
    if (other !== null && other.root !== toHex(checkpoint.root)) {
      keepEvidence(db, {
        origin: checkpoint.origin,
        first: other.note,
        second: note,
        atMs: nowMs,
      })
      throw new AdmitError(
        'evidence',
        'CHECKPOINT_FORK',
        `${nation} has signed two histories of size ${checkpoint.size}`,
      )
    }
    const times = counted.map(({ timeS }) => timeS).sort((a, b) => a - b)
    return times.at(-1) ?? 0
  }
}
