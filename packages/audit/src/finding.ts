import type { Nation } from '@entente/schema'

/** Every finding there is, and what it means to somebody who has not read the code. */
export const findingMeanings = {
  MANIFEST_FORM: 'the manifest is missing or cannot be read',
  MANIFEST_MISMATCH: 'a file is not the one that the manifest names',
  MANIFEST_MISSING_FILE: 'a file that the manifest names is not in the bundle',
  MANIFEST_EXTRA_FILE: 'a file of the bundle is not named by the manifest',
  BUNDLE_FORM: 'a line of a bundle file cannot be read',
  BUNDLE_NATION: 'the bundle is of a nation that the auditor has no keys of',
  BUNDLE_ORIGIN: 'the bundle is of another log than the one certified for its nation',
  BUNDLE_DUPLICATE: 'two bundles of one nation',
  CHECKPOINT_FORM: 'a checkpoint is missing or cannot be read',
  CHECKPOINT_SIGNATURE: 'a checkpoint is not signed by the log key that the auditor knows',
  COSIGNATURE_INVALID: 'a cosignature under the key of a known witness does not verify',
  COSIGNATURE_FUTURE: 'a cosignature is dated after the audit',
  QUORUM_NOT_MET: 'too few witnesses of other nations cosigned a published checkpoint',
  ENTRY_BUNDLE: 'entries of the log are missing or cannot be read',
  ROOT_MISMATCH: 'the entries do not give the root that the checkpoint commits to',
  TILE_MISMATCH: 'a tile differs from the tree over the entries',
  CHECKPOINT_FORK: 'somebody holds a signed checkpoint that is no prefix of this log',
  LOG_BEHIND: 'somebody holds a signed checkpoint of this log that is larger than the bundle',
  LEAF_UNOPENED: 'a leaf is kept closed',
  LEAF_OPENING: 'an opening does not open its leaf',
  LEAF_KIND: 'a leaf holds a kind of statement that this auditor does not know',
  STATEMENT_SIGNATURE: 'a statement is not signed by the node key that the auditor knows',
  STATEMENT_FORM: 'a statement is malformed',
  STATEMENT_ORIGIN: 'a statement names another log',
  GENESIS: 'the log does not begin with its genesis statement',
  GENESIS_SEAL: 'the genesis does not carry the word of the nation’s root on this log',
  GENESIS_PREVIOUS: 'the genesis names another end of the log before it than that log has',
  ROOT_SUCCESSION:
    'a root is said to have named a successor, and old and new root have not both signed it',
  ROOT_TWICE: 'a root has named two successors: somebody else has, or has had, its key',
  KEY_CHANGE: 'a key or handover statement does not carry the word of the nation’s root',
  PARTNER_REVOKED: 'a release gives to a nation that the log has cut off before',
  KEY_REVOKED: 'a leaf is signed after the last good one of its key',
  FEED_GAP: 'a sequence number of a feed is missing',
  FEED_CHAIN: 'a statement does not continue the one before it in its feed',
  FEED_DUPLICATE: 'a sequence number of a feed, or a feed, exists twice',
  NOT_RELEASER:
    'a dataset was released by a node of the nation that another one had not handed it to',
  TIME_ORDER: 'a statement is dated before an earlier leaf',
  TIME_WINDOW: 'a statement is dated outside of the time that cosignatures allow',
  POLICY_SIGNATURE: 'a policy statement is not signed by enough policy authorities',
  POLICY_MISSING: 'a policy in force is not in the bundle',
  POLICY_CONTRADICTS: 'a policy file gives another nation, edition or interval than its statement',
  POLICY_FILE: 'a policy file is malformed, not sealed, or not fit to decide with',
  POLICY_LEAF: 'a release names a leaf as its policy that holds none',
  POLICY_LATE: 'a release was decided under a policy that was not committed before',
  POLICY_NOT_IN_FORCE: 'a release was decided under a policy outside of its interval',
  POLICY_SUPERSEDED: 'a release was decided under a policy that a later one had replaced',
  POLICY_WIDENS:
    'an edition lets more go than the one before it, and one authority alone signed it',
  REGISTER_MISSING: 'a register of agreements that was in force is not in the bundle',
  REGISTER_FILE: 'a register file is malformed, not sealed, or not the one its statement names',
  REGISTER_NOT_IN_FORCE: 'a release was decided with another register than the one in force',
  REGISTER_LATE: 'a release was decided with a register that was not committed before',
  SEAL_SIGNATURE: 'an approval, a refusal or a register is not signed by the person it needs',
  APPROVAL_OPENING: 'what is shown of an approval is not what its leaf is about',
  APPROVAL_MISSING: 'a release rests on an approval that no earlier leaf of the log gives',
  BAND_STANDING:
    'a band was made from another value than the schedule of the policy and the log give',
  CONSENT_SEAL: 'a consent to hand on is malformed or sealed by no release officer of its nation',
  CONSENT_MISSING:
    'content of another nation was handed on without its consent, or on one that is not shown',
  CONSENT_RELEASE:
    'a consent names a release that did not give its holder the fragment that it is for',
  ROOT_RECALL_SEAL:
    'a recall by the word of a nation is malformed, or signed neither by its root nor by a certified node of it',
  ROOT_RECALL_MISSING:
    'what was put again names a recall by the word of a nation that is not shown',
  NODE_RECALL_UNLOGGED: 'a node has recalled for its nation, and its log does not say so',
  NODE_RECALL_UNTOLD:
    'a recall for the nation stands in the log, and is not shown to those it is for',
  NODE_RECALL_UNNAMED: 'what a node had recalled for its nation it put again without naming that',
  CONSENT_WITHDRAWN: 'content was handed on by a consent that its nation had withdrawn',
  SUPPLIER_CONSENT: 'a field in commercial confidence went without the consent of its supplier',
  JOINT_MEMBERS:
    'a statement in a joint document is of no member, not addressed to all others, or under another’s actor',
  JOINT_INPUTS:
    'what a change of a joint document was decided on is kept closed, or is not what it commits to',
  JOINT_RELEASE: 'a change of a joint document went to a member that the policy keeps it from',
  JOINT_FIELDS:
    'a change of a joint document writes what it was not decided on for, or cannot be read',
  JOINT_BYTES:
    'the bytes of a change of a joint document are kept closed, or are not those that it names',
  VOTE_UNSEALED: 'a vote in a joint document is sealed by no person: it counts for nothing',
  VOTE_SEAL: 'the seal of a vote in a joint document is false, or of another vote',
  VOTE_REPLAYED: 'a vote in a joint document says an old seal of its nation again',
  VOTE_PERSON: 'a vote in a joint document is sealed by no release officer of its nation',
  ENTRY_UNOPENED: 'an entry of a release is kept closed',
  ENTRY_DIGEST: 'an opening is of no entry of its release',
  ENTRY_EFFECT: 'a narrowing release puts, or a widening one drops',
  INPUTS_MISSING: 'the inputs of a decision are kept closed',
  INPUTS_COMMITMENT: 'the inputs shown are not those that the release commits to',
  INPUTS_CLAIM: 'the inputs contradict the release: policy, recipient or decision time',
  ENGINE_UNKNOWN: 'a release was decided by an engine that this auditor cannot replay',
  SOURCE_MISSING: 'a record version that was decided on is not in the bundle',
  SOURCE_DIGEST: 'a record version is not the one its digest names',
  RECORD_KEY_MISSING: 'the key of a released record is not in the bundle',
  DECISION_DIFFERS: 'the policy, applied to the inputs, gives another decision',
  OVER_RELEASE: 'more, or other, than the decision gives was released',
  CATALOGUE_OVER: 'a catalogue offers what the decision does not let go',
  RELEASE_UNASKED: 'a record was released that its recipient has never asked for',
  RECEIVED_PROOF: 'a statement held from a partner comes without a proof that it was logged',
  RECEIVED_SIGNATURE: 'a statement is held from a partner that the partner has not signed',
  RECEIVED_QUORUM: 'a release was admitted without a quorum of cosignatures',
  JOIN_DIFFERENT_STATEMENT: 'the sender shows another leaf than the recipient holds',
  JOIN_WITHOUT_LEAF: 'the recipient holds data that no leaf of the sender releases',
  JOIN_DIGEST: 'the recipient holds other data than the sender released',
  JOIN_KEPT: 'the recipient still holds data that the sender has taken back',
  JOIN_NOT_HELD: 'the recipient acknowledged a release that it does not show',
  JOIN_DROPPED: 'the recipient acknowledged a statement that the sender does not show',
  JOIN_UNACKNOWLEDGED: 'releases that the recipient has not acknowledged',
  REQUEST_UNANSWERED:
    'a request that the asker logged has no answer in the log of the nation asked',
  TALLY_DIFFERS: 'the recipient counts other entries than the sender’s statements name',
  ANSWER_EARLY:
    'a request was answered before its time, which follows from nothing but when it came in',
  HELD_WITHOUT_CONSENT:
    'another nation’s record is held from a partner by no consent of its originator that lasts',
  RECALL_NOT_PASSED_ON:
    'what was handed on by consent was not recalled, though its originator has recalled it',
  PURGE_CLAIM:
    'a purge is said to be complete, though a nation that got it by consent has not said so',
  ACK_SIGNATURE: 'an acknowledgement is malformed or not signed by its nation',
  ACK_MISSING: 'an acknowledgement that one side shows is not shown by the other',
  ACK_NOT_COMMITTED: 'an acknowledgement is in no ack leaf of the log',
} as const

export type FindingCode = keyof typeof findingMeanings

/** One thing that is not as it must be. */
export interface Finding {
  readonly code: FindingCode
  /** Whose bundle or log is at fault; null when a bundle does not say whose it is. */
  readonly nation: Nation | null
  /** Leaf of that nation's log. */
  readonly index?: number
  /** Names the value; starts in lower case. */
  readonly message: string
}

/** Takes down one finding against one nation. */
export type AddFinding = (code: FindingCode, message: string, index?: number) => void

/** Findings against one nation, in the order found. */
export function findingsOf(nation: Nation | null, list: Finding[]): AddFinding {
  return (code, message, index) =>
    void list.push({ code, nation, ...(index === undefined ? {} : { index }), message })
}

/** What an error says, for the message of a finding. */
export const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
