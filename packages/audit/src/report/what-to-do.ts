import type { FindingCode } from '../finding.ts'

/** What an auditor does about a finding; the first line whose pattern fits its code. */
const actions: readonly (readonly [codes: RegExp, action: string])[] = [
  [
    /^(MANIFEST|BUNDLE_FORM)/,
    'Ask for the bundle again: the copy is damaged or was changed. If a fresh copy shows the same, hold it against whoever handed it over.',
  ],
  [
    /^BUNDLE_/,
    'Check that you have the right bundle, and a roster that names this nation and its present log.',
  ],
  [
    /^(CHECKPOINT_FORK|LOG_BEHIND|JOIN_DIFFERENT_STATEMENT)/,
    'Keep both versions: two signed histories of one log prove that the nation showed different people different things. Tell all partners; admit nothing from this log meanwhile.',
  ],
  [
    /^ROOT_(SUCCESSION|TWICE)/,
    'Ask the nation by telephone which key is its root. Until then trust no key that only the new root vouches for, and tell its partners.',
  ],
  [
    /^(CHECKPOINT|ROOT_MISMATCH|TILE|ENTRY_BUNDLE)/,
    'Ask the nation for its log from the place where it is published, and compare. Until then nothing in this bundle is proven.',
  ],
  [
    /^QUORUM_/,
    'Ask the witnesses whether they have seen this log. Below the quorum one nation alone vouches for what it says.',
  ],
  [
    /^COSIGNATURE_/,
    'Ask the witness named: it did not sign this, or its clock or key is not what the roster says.',
  ],
  [
    /^(LEAF_UNOPENED|LEAF_OPENING|ENTRY_|INPUTS_MISSING|INPUTS_COMMITMENT|SOURCE_|RECORD_KEY_|POLICY_MISSING|REGISTER_MISSING)/,
    'Ask the nation for what it withheld or changed, by leaf number. A leaf may stay closed only under a declared erasure.',
  ],
  [
    /^(LEAF_KIND|ENGINE_)/,
    'Audit again with the present release of this program. If the finding stays, the node is a changed one.',
  ],
  [
    /^(STATEMENT|GENESIS|FEED|INPUTS_CLAIM)/,
    'Ask the nation to explain this leaf: a node as published cannot write it. Look for a changed or a second node.',
  ],
  [
    /^(ROOT|NODE)_RECALL_/,
    'Ask the nation whether it recalled these records. If it did not, its root should revoke the key that signed so; if it did, whoever holds them must be told.',
  ],
  [
    /^TIME_/,
    'Ask when this was really decided: an agreement or a policy may have been made to cover it afterwards.',
  ],
  [
    /^POLICY_WIDENS/,
    'Ask the second authority of the nation whether it saw what this edition opens. A node as published does not install it: find out who did.',
  ],
  [
    /^(POLICY|REGISTER|SEAL)_/,
    'Ask the policy authority of the nation whether it signed this, and under which policy the release was meant to go.',
  ],
  [
    /^APPROVAL_/,
    'Ask the release officers of the nation what they approved, and treat the value as a spill until they say so: it went without the signatures that its policy asks for.',
  ],
  [
    /^VOTE_UNSEALED/,
    'Ask when the node wrote this: before votes were sealed every one was like it, and a node as published writes none today. Members count it for nothing.',
  ],
  [
    /^VOTE_PERSON/,
    'Ask the nation whether the key was one of its release officers’ when this was said: the roster that you hold names it as something else. Members count it for nothing.',
  ],
  [
    /^VOTE_/,
    'Ask the release officers of the nation whether one of them said this. Members do not count it; a node as published does not write it.',
  ],
  [
    /^(CONSENT|SUPPLIER)_/,
    'Ask the originator, or the supplier, whether it consented; until it says so treat the value as a spill: it was not for the sender alone to give.',
  ],
  [
    /^BAND_/,
    'Ask the nation which value the band was made from, and when: a band that moves between two scheduled moments tells its recipients the exact value of that moment.',
  ],
  [
    /^(OVER_RELEASE|CATALOGUE_OVER|RELEASE_UNASKED)/,
    'Treat it as a spill: more went out than the policy allows. Tell the originator; have the recipient purge it; find out who changed the node.',
  ],
  [
    /^DECISION_/,
    'Ask the nation to make this decision again with you. The rule and the outcome on record do not belong together.',
  ],
  [
    /^JOIN_(WITHOUT_LEAF|DIGEST)/,
    'Treat it as a transfer outside the log: ask both nations how the data came there.',
  ],
  [
    /^(HELD_WITHOUT|RECALL_NOT|PURGE_)/,
    'Tell the originator: what it gave is still where it did not consent, or has taken it back. Have it deleted there, and the purge said by the nation that holds it.',
  ],
  [/^JOIN_KEPT/, 'Have the recipient delete what was taken back, and confirm it.'],
  [
    /^(JOIN_UNACKNOWLEDGED|REQUEST_UNANSWERED)/,
    'Ask whether the partner was away. If it was not, it leaves statements unanswered on purpose.',
  ],
  [
    /^ANSWER_/,
    'Ask who answered: a node as published answers at a fixed time, so that what is forbidden and what is unknown look the same.',
  ],
  [
    /^(JOIN|RECEIVED|ACK|TALLY)_/,
    'Show both nations both versions: one of them does not show what it has signed or received.',
  ],
]

/** What to do about a finding, for somebody who has not read the code. */
export const whatToDo = (code: FindingCode): string =>
  actions.find(([codes]) => codes.test(code))?.[1] ??
  'Ask the nation to explain this leaf, and audit again with what it shows.'
