import { ENGINE, type JointRefusal, refusedInJoint } from '@entente/policy'
import {
  canonicalBytes,
  canonicalJson,
  hmacSha256,
  isAboveLabel,
  type JointInputs,
  type JointTerms,
  type Label,
  type Nation,
  signJws,
  statementType,
  toBase64url,
} from '@entente/schema'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'
import { statementHash } from '../log/leaf.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import type { PolicyInForce } from './policy-store.ts'

/** Where the next statement of an own feed for a document stands. */
export interface JointPlace {
  readonly document: string | null
  readonly feed: string | null
  readonly seq: number
  readonly prev: string | null
  readonly recipients: readonly Nation[]
}

/** A sealed statement, as it is to be kept. */
export interface SealedJoint {
  readonly hash: string
  readonly feed: string
  readonly index: number
  readonly jws: string
  readonly salt: Uint8Array
}

export interface JointDoor {
  readonly deps: Deps
  readonly log: ReleaseLog
  readonly policies: {
    readonly at: (
      atMs: number,
    ) => Pick<PolicyInForce, 'compiled' | 'digest' | 'index' | 'register' | 'committedAt'> | null
  }
  /** Size of the log that is published: a policy that decides must be in it. */
  readonly publishedSize: () => number
}

/**
 * Seals one change of a joint document: decides that every member may have what it writes, signs, and appends it to the log. Inside the
 * caller's transaction, so that what was decided on is still so; the caller calls `log.noteHead` when it is committed.
 * @param fields what the change writes, by the policy's names
 * @param label of what is written; it must not be above that of the document
 * @throws {NodeError} `CLOCK_BEHIND`, `CLOCK_OFF`, `NO_POLICY`, `JOINT_LABEL`, `JOINT_REFUSED`
 */
export function sealChange(
  door: JointDoor,
  {
    place,
    terms,
    change,
    fields,
    label,
  }: {
    readonly place: JointPlace
    readonly terms: JointTerms
    readonly change: Readonly<Record<string, unknown>> & { readonly change: string }
    readonly fields: readonly string[]
    readonly label: Label
  },
): SealedJoint {
  const { deps, policies } = door
  const at = timeOf(door)
  const policy = policies.at(at)
  if (policy === null)
    throw new NodeError(
      'NO_POLICY',
      'no signed policy is in force, so nothing may be written where others read it: `entente policy install FILE`',
    )
  if (policy.committedAt >= door.publishedSize())
    throw new NodeError(
      'NO_POLICY',
      'the policy in force is not published yet; try again when its checkpoint is cosigned (see `entente status`)',
    )
  checkLabel(label, terms.label)
  const { kind, dataset } = terms
  const { recipients } = place
  const question = { kind, dataset, label, recipients, fields, writer: deps.nation, atMs: at }
  const refused = refusedInJoint(question, policy.compiled)
  if (refused.length > 0) throw refusedBy(refused, dataset)
  const inputs: JointInputs = {
    engine: ENGINE,
    policy: policy.digest,
    ...(policy.register !== null && { register: policy.register.digest }),
    at,
    change: change.change,
    kind,
    dataset,
    label,
    recipients,
    fields,
  }
  const salt = deps.randomBytes(32)
  const said = {
    ...change,
    policy: policy.index,
    inputs: toBase64url(hmacSha256(salt, canonicalBytes(inputs))),
  }
  const sealed = append(door, 'joint', place, said, at, salt)
  deps.db
    .prepare('INSERT INTO joint_inputs(idx, json) VALUES (?, ?)')
    .run(sealed.index, canonicalJson(inputs))
  return sealed
}

/** Seals this nation's word on the heads of a document. Inside the caller's transaction. @throws {NodeError} `CLOCK_BEHIND`, `CLOCK_OFF` */
export const sealVote = (
  door: JointDoor,
  place: JointPlace,
  said: { readonly heads: readonly string[]; readonly choice: string; readonly seal: string },
): SealedJoint => append(door, 'vote', place, said, timeOf(door), door.deps.randomBytes(32))

function timeOf({ deps, log }: JointDoor): number {
  const fault = log.clockFault()
  if (fault !== null) throw new NodeError('CLOCK_OFF', fault)
  const at = deps.clock.nowMs()
  if (at < log.lastAtMs())
    throw new NodeError(
      'CLOCK_BEHIND',
      'the clock is behind the last leaf of the log: what widens waits until it has caught up',
    )
  return at
}

function append(
  { deps, log }: JointDoor,
  kind: 'joint' | 'vote',
  place: JointPlace,
  said: Readonly<Record<string, unknown>>,
  atMs: number,
  salt: Uint8Array,
): SealedJoint {
  const payload = { origin: deps.origin, at: atMs, ...place, ...said }
  const jws = signJws(statementType(kind), payload, deps.signStatement)
  const hash = statementHash(jws)
  const feed = place.feed ?? hash
  const index = log.append([{ kind, jws, salt, atMs, feed, seq: place.seq }])
  return { hash, feed, index, jws, salt }
}

/** What is written must not be above what the members were told that the document is. */
function checkLabel(label: Label, document: Label): void {
  if (isAboveLabel(label, document))
    throw new NodeError(
      'JOINT_LABEL',
      `what you write is ${label.classification}${label.caveats.map((caveat) => `//${caveat}`).join('')}, above the label of the document, ${document.classification}: leave it out, or create a document under that label`,
    )
}

function refusedBy(refused: readonly JointRefusal[], dataset: string): NodeError {
  const words = refused
    .slice(0, 5)
    .map(
      ({ recipient, field, decision }) =>
        `${field} for ${recipient}: ${decision.effect === 'permit' ? 'only for some roles' : decision.effect} (${decision.because.join('; ')})`,
    )
  const more = refused.length > 5 ? `, and ${refused.length - 5} more` : ''
  return new NodeError(
    'JOINT_REFUSED',
    `what is written in a joint document goes to every member, and the policy does not permit it in dataset ${dataset}: ${words.join(', ')}${more}`,
  )
}
