import type { DecidedRelation } from '@entente/node'

/** What one name is to another, in words between the two. */
export const relationWords = {
  'same-party': 'is the same party as',
  'part-of': 'is part of',
  'takes-part': 'takes part in',
  distinct: 'is another party than',
} as const satisfies Record<DecidedRelation, string>
