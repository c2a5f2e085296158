/** What one name is to another, as a person decides it. */
export const relations = ['same-party', 'part-of', 'takes-part', 'distinct'] as const
export type DecidedRelation = (typeof relations)[number]
