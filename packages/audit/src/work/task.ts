import {
  compilePolicy,
  compileRegister,
  composeFragment,
  createDecider,
  type Decider,
  type Form,
  heldBackFor,
  isConsentMissing,
  PolicyDocument,
  RegisterDocument,
  type Said,
  type StandingBands,
  topicsFor,
  withConsents,
  withRegister,
} from '@entente/policy'
import {
  type DataRecord,
  type Hash,
  type Inputs,
  type Nation,
  ownOf,
  type Role,
  type SealedConsent,
  type Verify,
} from '@entente/schema'
import { type LeafRow, type OpenedRow, openLeafRow } from '../statements/open-leaf.ts'

/**
 * A piece of an audit that needs nothing but itself: data in, data out, no order. Both can be handed to another thread.
 * A task of leaves opens statements; one of fragments decides and composes again.
 */
export type Task =
  | { readonly kind: 'leaves'; readonly rows: readonly LeafRow[] }
  | {
      readonly kind: 'fragments'
      readonly sender: Nation
      /** Documents of policies and registers that the questions name, by digest. */
      readonly documents: Readonly<Record<string, unknown>>
      readonly questions: readonly FragmentQuestion[]
    }

/** What one recipient may have of one record, asked again. */
export interface FragmentQuestion {
  readonly record: DataRecord
  readonly key: Uint8Array
  readonly policy: string
  /** Absent: no register was read. */
  readonly register?: string
  readonly recipient: Nation
  readonly purpose: Inputs['purpose']
  readonly atMs: number
  /** Consents of other nations that were read, checked, sorted by digest; absent: none. */
  readonly consents?: readonly SealedConsent[]
  /** What officers had said. */
  readonly said: Said
  /** What bands were made from. */
  readonly standings: StandingBands
}

/** What it comes to: a composition without its content. */
export interface Composed {
  /** Null: nothing of the record goes. */
  readonly digest: string | null
  readonly fields: readonly string[]
  readonly authority: readonly string[]
  readonly levels: Readonly<Record<string, Form>>
  /** Consents by which another nation's record is handed on. */
  readonly consents: readonly string[]
  /** Fields that only some roles at the recipient may read. */
  readonly roles: Readonly<Record<string, readonly Role[]>>
  readonly validUntil: number | null
  /** Under which its recipient knows the record. */
  readonly topics: readonly string[]
  /** Approvals that it rests on, by field. */
  readonly approvals: Said['standing']
  /** Fields in bands made on a schedule, of a value of which the release does not say since when it stands. */
  readonly unnamed: readonly string[]
  /** Fields whose present value has no approval. */
  readonly pending: readonly string[]
  /** Fields that an originator other than the recipient does not let go, and which nations those are. */
  readonly heldBack: Readonly<Record<string, readonly Nation[]>>
  /** Fields that nothing but their supplier keeps back. */
  readonly unconsented: readonly string[]
}

/** The answer to a task, in the order of its rows or questions. */
export type Answer =
  | { readonly kind: 'leaves'; readonly leaves: readonly OpenedRow[] }
  | { readonly kind: 'fragments'; readonly fragments: readonly Composed[] }

export interface Tools {
  readonly verify: Verify
  readonly hash: Hash
}

/** Performs tasks, remembering compiled policies. The same task gets the same answer from every performer. */
export function createPerformer({ verify, hash }: Tools): (task: Task) => Answer {
  const deciders = new Map<string, Decider>()
  const deciderOf = (
    { policy, register, consents = [] }: Pick<FragmentQuestion, 'policy' | 'register' | 'consents'>,
    documents: Readonly<Record<string, unknown>>,
  ): Decider => {
    const name = `${policy} ${register} ${consents.map(({ digest }) => digest).join()}`
    const known = deciders.get(name)
    if (known !== undefined) return known
    const alone = compilePolicy(PolicyDocument.parse(documents[policy]))
    const beside =
      register === undefined
        ? alone
        : withRegister(alone, compileRegister(RegisterDocument.parse(documents[register])))
    const made = createDecider(withConsents(beside, consents))
    deciders.set(name, made)
    return made
  }
  return (task) => {
    if (task.kind === 'leaves')
      return { kind: 'leaves', leaves: task.rows.map((row) => openLeafRow(row, verify, hash)) }
    const { sender, documents, questions } = task
    const fragments = questions.map((question): Composed => {
      const { policy, register, consents, key, said, standings, ...asked } = question
      const named = { policy, ...(register && { register }), ...(consents && { consents }) }
      const decider = deciderOf(named, documents)
      const secrets = { recordKey: key, hash }
      const made = composeFragment({ ...asked, sender }, decider, secrets, said, standings)
      const {
        fragment,
        fields,
        authority,
        levels,
        roles,
        validUntil,
        approvals,
        consents: by,
      } = made
      return {
        digest: fragment === null ? null : made.digest,
        fields,
        authority,
        levels,
        roles,
        consents: by,
        validUntil,
        topics: topicsFor(made),
        approvals,
        unnamed: fields.filter((field) => ownOf(made.bands, field) === null),
        pending: made.pending.map(({ subject }) => subject.field),
        unconsented: [...made.decisions].flatMap(([field, decision]) =>
          isConsentMissing(decision) ? [field] : [],
        ),
        heldBack: heldBackFor({ ...asked, sender }, decider.policy),
      }
    })
    return { kind: 'fragments', fragments }
  }
}
