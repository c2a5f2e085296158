import type { ControlCode, ImportCode, RetireCode, SetupCode } from '@entente/node'
import type { PolicyCode } from '@entente/policy'
import type { JwsCode, RosterCode } from '@entente/schema'
import type { VerificationCode } from '@entente/tlog'
import type { CliCode } from './cli-error.ts'

/** What the process says when it ends; scripts rely on these numbers. */
export const EXIT = {
  done: 0,
  fault: 1,
  usage: 2,
  notFound: 3,
  refused: 4,
  waiting: 5,
  outOfSync: 6,
  unverified: 7,
  configuration: 8,
  interrupted: 130,
} as const
export type Exit = (typeof EXIT)[keyof typeof EXIT]

type KnownCode =
  | CliCode
  | ControlCode
  | ImportCode
  | JwsCode
  | PolicyCode
  | RetireCode
  | RosterCode
  | SetupCode
  | VerificationCode

const { fault, usage, notFound, refused, waiting, outOfSync, unverified, configuration } = EXIT

/** Exit code of every error code; a code that is not here is a fault. */
const exits = {
  AMBIGUOUS: usage,
  APPROVAL_UNKNOWN: notFound,
  SELECTION_CHANGED: waiting,
  FIELD_FORM: usage,
  FILE_FORM: usage,
  LABEL_FORM: usage,
  USAGE: usage,
  FILE_EXISTS: usage,
  FILE_MISSING: notFound,
  RECORD_UNKNOWN: notFound,

  REQUEST_FORM: usage,
  REQUEST_TOO_LARGE: usage,
  VERB_UNKNOWN: usage,
  NODE_GONE: fault,
  FOLDER_IN_USE: configuration,
  SOCKET_PATH_TOO_LONG: configuration,

  ADDRESS_FORM: usage,
  NATION_UNKNOWN: usage,
  BACKUP_SET: configuration,
  PLACE_INSIDE: usage,
  CONFIG_FORM: configuration,
  CONFIG_MISSING: configuration,
  FOLDER_NOT_EMPTY: configuration,
  KEY_EXISTS: configuration,
  KEY_EXPOSED: configuration,
  KEY_FORM: configuration,
  KEY_LATE: refused,
  KEY_MISSING: configuration,
  LEAF_UNKNOWN: notFound,
  OFFICER_EXISTS: configuration,
  ROSTER_NOT_OURS: configuration,
  ROOT_NOT_OURS: refused,
  ROSTER_FORGETS: refused,
  ROSTER_OLD: refused,
  ROSTER_UNREADABLE: configuration,
  ROOT_NOT_IN_ROSTER: refused,

  CHECKPOINT_UNFIT: unverified,
  HANDOVER_DIFFERS: refused,
  LOG_EMPTY: refused,
  LOG_UNFINISHED: waiting,

  ROSTER_FORM: configuration,
  ROSTER_CERTIFICATE: unverified,
  ROSTER_DUPLICATE: configuration,
  ROSTER_KEYS: unverified,
  ROSTER_NATIONS: unverified,
  ROSTER_NO_NODE: configuration,
  WITNESS_POLICY_UNSIGNED: waiting,
  WITNESS_POLICY_SIGNATURE: unverified,
  WITNESS_POLICY_KEYS: unverified,
  WITNESS_POLICY_QUORUM: configuration,

  JWS_FORM: unverified,
  JWS_TYPE: unverified,
  JWS_SIGNATURE: unverified,
  JWS_PAYLOAD: unverified,

  POLICY_FORM: usage,
  POLICY_INVALID: refused,
  POLICY_UNSIGNED: waiting,
  POLICY_SIGNATURE: unverified,
  POLICY_DIGEST: unverified,
  POLICY_NATION: refused,

  MAPPING_INVALID: usage,
  MAPPING_UNKNOWN: notFound,
  MAPPING_MISSING: usage,
  MAPPING_SUPERSEDED: refused,
  MAPPING_SIGNATURE: unverified,
  FILE_UNREADABLE: notFound,
  FILE_EMPTY: usage,
  FILE_TOO_LARGE: usage,
  FILE_CHANGED: fault,
  FORMAT_UNKNOWN: usage,
  ENCODING_UNKNOWN: usage,
  ENCODING_INVALID: usage,
  NOT_JSON: usage,
  NOT_A_TABLE: usage,
  NOT_A_WORKBOOK: usage,
  SHEET_UNKNOWN: notFound,
  CSV_SYNTAX: usage,
  CSV_COLUMN_COUNT: usage,
  ROW_TOO_LARGE: usage,
  TOO_MANY_COLUMNS: usage,
  TOO_MANY_ROWS: usage,
  DUPLICATE_COLUMN: usage,
  MISSING_COLUMN: usage,
  MISSING_VALUE: usage,
  NOT_A_RECORD: usage,
  PLACEHOLDER: usage,
  FORMULA_WITHOUT_VALUE: usage,
  CELL_ERROR: usage,
  CELL_NESTED: usage,
  MERGED_CELL: usage,
  DATE_AMBIGUOUS: usage,
  BAD_VALUE: usage,
  DUPLICATE_KEY: usage,
  ID_MISSING: usage,
  NOT_OURS: refused,
  CHANGED_SINCE: refused,
  IMPORT_UNKNOWN: notFound,
  IMPORT_STATE: refused,
  IMPORT_REFUSED_ROWS: usage,

  BASE64_MALFORMED: unverified,
  HEX_MALFORMED: unverified,
  UTF8_MALFORMED: unverified,
  NUMBER_MALFORMED: unverified,
  HASH_LENGTH: unverified,
  TREE_SIZE: unverified,
  INCLUSION_INDEX: unverified,
  INCLUSION_PROOF_LENGTH: unverified,
  INCLUSION_ROOT_MISMATCH: unverified,
  CONSISTENCY_SIZE: unverified,
  CONSISTENCY_PROOF_LENGTH: unverified,
  CONSISTENCY_ROOT_MISMATCH: unverified,
  VKEY_MALFORMED: unverified,
  KEY_TYPE: unverified,
  KEY_AMBIGUOUS: unverified,
  NOTE_MALFORMED: unverified,
  NOTE_SIGNATURE_INVALID: unverified,
  NOTE_UNSIGNED: unverified,
  CHECKPOINT_MALFORMED: unverified,
  CHECKPOINT_ORIGIN: unverified,
  COSIGNATURE_INVALID: unverified,
  COSIGNATURE_TIME: unverified,
  QUORUM_NOT_MET: waiting,
  QUORUM_STALE: waiting,
  PROOF_MALFORMED: unverified,
  TILE_MALFORMED: unverified,
  ENTRY_BUNDLE_MALFORMED: unverified,
  REQUEST_MALFORMED: unverified,
  POLICY_MALFORMED: unverified,
} satisfies Record<KnownCode, Exit>

/** Codes of a running node, its ledger, import and network; they come as text over the socket. */
const nodeExits = {
  PARTNER_UNKNOWN: notFound,
  DATASET_UNKNOWN: notFound,
  NOTHING_TO_RELEASE: notFound,
  KIND_UNKNOWN: usage,
  FIELD_UNKNOWN: usage,
  FIELD_INVALID: usage,
  VALUE_INVALID: usage,
  FILE_UNWRITABLE: usage,
  CELL_TOO_LARGE: usage,
  SELECTION_FORM: usage,
  SELECTION_FIELD: usage,
  NO_POLICY: refused,
  POLICY_REFUSED: refused,
  POLICY_SUPERSEDED: refused,
  SIMULATION: usage,
  POLICY_CHAIN: refused,
  POLICY_WIDENS: waiting,
  POLICY_BANDS_CHANGED: refused,
  LABEL_WIDENS: refused,
  NAME_UNKNOWN: notFound,
  LINK_UNKNOWN: notFound,
  LINK_CONTRADICTS: refused,
  APPROVAL_SIGNER: refused,
  APPROVAL_AUTHOR: refused,
  APPROVAL_STALE: refused,
  APPROVAL_EXPIRED: refused,
  LABEL_ORDER_STALE: refused,
  LABEL_ORDER_UNSIGNED: unverified,
  VERSION_UNKNOWN: notFound,
  PLAN_CHANGED: waiting,
  NOT_SETTLED: waiting,
  ASKING: outOfSync,
  PEER_UNREACHABLE: outOfSync,
  FROZEN: unverified,
  HEAD_MISMATCH: unverified,
  RECALL_REFUSED: refused,
  ERASE_REFUSED: refused,
  FEED_UNKNOWN: notFound,
  RECOVER_SOURCE: usage,
  RECOVER_INCOMPLETE: notFound,
  RECOVER_MISMATCH: unverified,
  RECOVER_NOT_NEEDED: refused,
  ADDRESS_UNUSABLE: configuration,
  LOG_CONFLICT: unverified,
  LOG_UNKNOWN: notFound,
  HANDED_OVER: refused,
  SHARD_DAMAGED: unverified,
  DATABASE_NEWER: configuration,
  NO_ROSTER: configuration,
  NOT_IN_ROSTER: configuration,
} satisfies Record<string, Exit>

const table: ReadonlyMap<string, Exit> = new Map(Object.entries({ ...exits, ...nodeExits }))

/** Exit code of a thrown error's `code`. */
export function exitOf(code: string): Exit {
  return table.get(code) ?? fault
}
