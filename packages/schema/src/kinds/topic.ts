import type { Kind } from './kinds.ts'

/**
 * The field that says what a record is about, where its kind has one: the topic by which partners ask for less than a dataset. NATO
 * and national codes where the kind carries them (supply class, NDPP area, subject code), else the closed sort of the record.
 * A supplier has none.
 */
const topicFields: Readonly<Partial<Record<Kind, string>>> = {
  capability: 'domain',
  gap: 'gap_kind',
  investment: 'activity',
  facility: 'commodity_group',
  item: 'fsc',
  programme: 'activity',
  agreement: 'agreement_type',
  engagement: 'topics',
  alert: 'alert_type',
}
export const topicFieldOf = (kind: Kind): string | null => topicFields[kind] ?? null

/** Longer texts are no topics, characters. */
export const MAX_TOPIC = 100

/** The topics that a value of that field names: its text, or each text of its list. */
export function topicsIn(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  return list.filter(
    (text): text is string =>
      typeof text === 'string' && text.length > 0 && text.length <= MAX_TOPIC,
  )
}
