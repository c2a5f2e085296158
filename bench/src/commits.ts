/**
 * The commits that one edit waits for, in order, until it is searchable at the partner: each is one `fdatasync` of a
 * write-ahead log, or as much.
 */
export const commitsOfAnEdit = [
  'sender: the Automerge change',
  'sender: the projection of the ledger',
  'sender: the own view',
  'sender: the decision',
  'sender: statement, body and checkpoint',
  'sender: the head file',
  'sender: its folder',
  'partner: the cosignature',
  'sender: the cosigned checkpoint',
  'partner: the evidence',
  'partner: the evidence it replaces',
  'partner: the statement',
  'partner: the values',
] as const
