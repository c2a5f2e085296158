/** Every kind of statement; a leaf of a release log holds exactly one. */
export const statementKinds = [
  'genesis',
  'policy',
  'key',
  'releaser',
  'release',
  'approve',
  'deny',
  'ack',
  'recall',
  'purge',
  'consent',
  'request',
  'answer',
  'joint',
  'vote',
  'subscribe',
  'catalogue-request',
  'catalogue',
  'register',
  'witness-policy',
  'partner',
  'reset',
  'nation-recall',
  'erase',
  'pad',
  'handover',
] as const
export type StatementKind = (typeof statementKinds)[number]

const uncritical: readonly string[] = ['ack', 'pad', 'request', 'vote'] satisfies StatementKind[]

/** A receiver that does not know a critical kind stops the feed; others it keeps and reports. */
export const isCritical = (kind: string): boolean => !uncritical.includes(kind)

/** JWS `typ` of a statement kind. */
export const statementType = (kind: string): string => `entente-${kind}`
