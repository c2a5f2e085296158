import { topicFieldOf, topicsIn } from '@entente/schema'
import type { Composition } from './compose.ts'

/**
 * The topics under which a recipient knows a record: values of its topic field that go to it exactly, and for people of every role.
 * One that is withheld, or coarsened, is no topic there: to ask for a topic must not tell whether a withheld value is that.
 */
export function topicsFor({
  fragment,
  levels,
  roles,
}: Pick<Composition, 'fragment' | 'levels' | 'roles'>): readonly string[] {
  const field = fragment === null ? null : topicFieldOf(fragment.head.kind)
  if (fragment === null || field === null) return []
  if (levels[field] !== 'exact' || Object.hasOwn(roles, field)) return []
  return topicsIn(fragment.disclosures.find(([, name]) => name === field)?.[2])
}
