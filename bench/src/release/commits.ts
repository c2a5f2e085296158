/**
 * The durable writes that one edit waits for, in order, until it is searchable at the partner. Each is one commit of a
 * write-ahead log, or one flush of a file.
 */
export const commitsOfAnEdit = [
  'sender: the Automerge change, its projection, and with it the own view',
  'sender: the decision',
  'sender: statement, body and checkpoint',
  'sender: the head file',
  'partner: the cosignature',
  'sender: the cosigned checkpoint',
  'partner: the evidence',
  'partner: the statement',
  'partner: the values',
] as const
