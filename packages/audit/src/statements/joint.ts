import {
  compilePolicy,
  compileRegister,
  ENGINE,
  PolicyDocument,
  RegisterDocument,
  refusedInJoint,
  withRegister,
} from '@entente/policy'
import {
  ChangeError,
  canonicalBytes,
  fieldsWritten,
  hmacSha256,
  isAboveLabel,
  Joint,
  type JointInputs,
  type JointTerms,
  JwsError,
  jointActor,
  type Nation,
  peekJws,
  readJointChange,
  statementType,
  toBase64url,
  toHex,
} from '@entente/schema'
import { parseBase64, VerificationError } from '@entente/tlog'
import type { Bundle } from '../bundle/read-bundle.ts'
import { type AddFinding, reasonOf } from '../finding.ts'
import type { LogHistory } from '../log/history.ts'
import type { Trust, TrustedLog } from '../trust.ts'
import type { Leaf, Leaves } from './leaves.ts'
import { digestJws } from './open-leaf.ts'
import { checkPolicyOf, type LoggedPolicies } from './policies.ts'
import { checkRegisterOf, type LoggedRegisters } from './registers.ts'

interface JointCheck {
  readonly bundle: Bundle
  readonly leaves: Leaves
  readonly policies: LoggedPolicies
  readonly registers: LoggedRegisters
  readonly history: LogHistory
  readonly trusted: TrustedLog
  readonly trust: Trust
  /** The bundle says that it shows content: then every change must be there. */
  readonly withContent: boolean
}

/** A writer begins anew no more often than this. */
const EPOCHS = 64

/**
 * Steps 6 to 9 for joint documents: each statement is of a member and addressed to all others, each change was decided by the policy in
 * force to go to every one of them, and its bytes are those it names. That a document counts as validated no statement says: whoever asks
 * counts the votes.
 */
export function checkJoint(check: JointCheck, found: AddFinding): void {
  const { bundle, leaves, trusted, trust } = check
  const terms = termsIn(check)
  const rows = new Map(bundle.joint.map((row) => [row.index, row]))
  const { nation } = trusted.member
  for (const leaf of leaves.byIndex.values()) {
    if (leaf.kind !== 'joint' && leaf.kind !== 'vote') continue
    const { index, statement } = leaf
    const about = `statement ${index} in a joint document`
    const known = terms.get(statement.document ?? leaf.digest)
    const fault = known === undefined ? null : memberFault(leaf, known, nation, trust)
    if (fault !== null) found('JOINT_MEMBERS', `${about}: ${fault}`, index)
    if (leaf.kind !== 'joint') continue
    const { policy, at } = leaf.statement
    const widens = { index, kind: 'joint', statement: { policy, at, effect: 'widen' } } as const
    checkPolicyOf(widens, check.policies, leaves, check.history, found)
    const row = rows.get(index)
    if (row === undefined) {
      found('JOINT_INPUTS', `${about} shows nothing of what it was decided on`, index)
      continue
    }
    const commitment = hmacSha256(leaves.saltOf(index), canonicalBytes(row.inputs), trust.hash)
    if (toBase64url(commitment) !== leaf.statement.inputs) {
      found('JOINT_INPUTS', `what is shown of ${about} is not what it commits to`, index)
      continue
    }
    const isNamed =
      row.change !== undefined && hashOfChange(row.change, trust) === leaf.statement.change
    if (row.change === undefined) {
      if (check.withContent) found('JOINT_BYTES', `the change of ${about} is kept closed`, index)
    } else if (!isNamed)
      found('JOINT_BYTES', `the change shown of ${about} is not the one it names`, index)
    const claim = claimFault(leaf, row.inputs, known, check)
    if (claim !== null) {
      found('JOINT_INPUTS', `the inputs of ${about} name another ${claim}`, index)
      continue
    }
    const unsaid = isNamed && row.change ? fieldsUnsaid(row.change, row.inputs) : null
    if (unsaid !== null) found('JOINT_FIELDS', `${about}: ${unsaid}`, index)
    checkRegisterOf(widens, row.inputs, check.registers, check.history, found)
    decideAgain(leaf, row.inputs, check, (what) =>
      found('JOINT_RELEASE', `${about}: ${what}`, index),
    )
  }
}

/** Automerge's name of a change: of its bytes without magic and checksum. Null: the text is no base64. */
function hashOfChange(text: string, { hash }: Trust): string | null {
  try {
    return toHex(hash(parseBase64(text).subarray(8)))
  } catch (error) {
    if (error instanceof VerificationError) return null
    throw error
  }
}

/**
 * What a change writes beyond what was decided on, told from its operations and not from what its writer says of it. More may have been
 * decided on than is written: a value that stands already is not written again. Null: nothing.
 */
function fieldsUnsaid(text: string, { kind, fields }: JointInputs): string | null {
  try {
    const written = fieldsWritten(kind, readJointChange(parseBase64(text)).ops)
    const unsaid = written.filter((field) => !fields.includes(field))
    return unsaid.length === 0
      ? null
      : `it writes ${unsaid.join(', ')}, which was not among what was decided on (${fields.join(', ')})`
  } catch (error) {
    if (error instanceof VerificationError || error instanceof ChangeError)
      return `what it writes cannot be read: ${error.message}`
    throw error
  }
}

/** Terms of documents by id: of those created in this log, and of those that others have shown its nation. */
function termsIn({ bundle, leaves, trust }: JointCheck): ReadonlyMap<string, JointTerms> {
  const terms = new Map<string, JointTerms>()
  for (const leaf of leaves.byIndex.values())
    if (leaf.kind === 'joint' && leaf.statement.terms !== undefined)
      terms.set(leaf.digest, leaf.statement.terms)
  for (const { jws } of bundle.received) {
    const parsed = Joint.safeParse(saidIn(jws))
    // Whose statement it is, is checked where all that was received is.
    if (parsed.success && parsed.data.terms !== undefined)
      terms.set(digestJws(jws, trust.hash), parsed.data.terms)
  }
  return terms
}

/** What a change says; what cannot be read is found where all that was received is checked. */
function saidIn(jws: string): unknown {
  try {
    const { typ, payload } = peekJws(jws)
    return typ === statementType('joint') ? payload : null
  } catch (error) {
    if (error instanceof JwsError) return null
    throw error
  }
}

function memberFault(
  leaf: Leaf<'joint'> | Leaf<'vote'>,
  terms: JointTerms,
  nation: Nation,
  { hash }: Trust,
): string | null {
  const { statement } = leaf
  if (!terms.members.includes(nation)) return `${nation} is no member`
  const others = terms.members.filter((one) => one !== nation)
  if (statement.recipients.join() !== others.join())
    return 'it is not addressed to all other members'
  if (leaf.kind === 'vote')
    return terms.validators.includes(nation) ? null : `${nation} is no validator`
  if ((leaf.statement.terms !== undefined) !== (leaf.statement.document === null))
    return 'terms stand in the statement that creates a document, and only there'
  for (let epoch = 0; epoch < EPOCHS; epoch++)
    if (jointActor(terms, nation, epoch, hash) === leaf.statement.actor) return null
  return 'its actor is not one of its writer'
}

function claimFault(
  { statement }: Leaf<'joint'>,
  inputs: JointInputs,
  terms: JointTerms | undefined,
  { leaves }: JointCheck,
): string | null {
  const named = leaves.byIndex.get(statement.policy)
  const differs = [
    inputs.engine !== ENGINE && 'engine',
    inputs.change !== statement.change && 'change',
    inputs.at !== statement.at && 'decision time',
    inputs.recipients.join() !== statement.recipients.join() && 'members',
    named?.kind === 'policy' && named.statement.digest !== inputs.policy && 'policy',
    terms !== undefined && inputs.kind !== terms.kind && 'kind',
    terms !== undefined && inputs.dataset !== terms.dataset && 'dataset',
    terms !== undefined &&
      isAboveLabel(inputs.label, terms.label) &&
      'label than the document may hold',
  ].filter((what) => what !== false)
  return differs.length === 0 ? null : differs.join(', ')
}

function decideAgain(
  { statement }: Leaf<'joint'>,
  inputs: JointInputs,
  { policies, registers, trusted }: JointCheck,
  found: (what: string) => void,
): void {
  const document = policies.get(statement.policy)?.document
  const register = [...registers.values()].find(
    ({ leaf }) => leaf.statement.digest === inputs.register,
  )
  // A file that is missing has its own finding.
  if (document === undefined || document === null) return
  if (inputs.register !== undefined && (register?.document ?? null) === null) return
  try {
    const alone = compilePolicy(PolicyDocument.parse(document))
    const policy =
      inputs.register === undefined
        ? alone
        : withRegister(alone, compileRegister(RegisterDocument.parse(register?.document)))
    const { kind, dataset, label, recipients, fields, at } = inputs
    const writer = trusted.member.nation
    const asked = { kind, dataset, label, recipients, fields, writer, atMs: at }
    const [refused] = refusedInJoint(asked, policy)
    if (refused !== undefined)
      found(`${refused.field} must not go to ${refused.recipient}: ${refused.decision.effect}`)
  } catch (error) {
    found(`it cannot be decided again: ${reasonOf(error)}`)
  }
}
