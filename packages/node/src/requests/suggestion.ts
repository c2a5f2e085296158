import type { Composition } from '@entente/policy'
import {
  type DataRecord,
  digestDisclosure,
  type Hash,
  type Json,
  type RequestBody,
  recordKeyOf,
  saltOf,
} from '@entente/schema'
import type { HistoryEntry } from '../ledger/shards/history.ts'
import type { StoredRequest } from './request-store.ts'

export type ChangeBody = Extract<RequestBody, { ask: 'change' }>

/** A suggested value beside the one that stands. */
export interface ChangeSuggestion {
  readonly record: string
  readonly field: string
  /** Null: the record has no such field. */
  readonly present: Json | null
  readonly suggested: Json
  /**
   * `same`: who suggests it has seen the value that stands; `changed`: another one stood when it was suggested, or now goes to them;
   * `unseen`: they do not hold the field.
   */
  readonly base: 'same' | 'changed' | 'unseen'
}

/** Who suggests a value, as the note of the change says that takes it in. */
export const suggestedBy = (
  { by }: ChangeBody,
  { nation }: Pick<StoredRequest, 'nation'>,
): string => `${by} of ${nation}`

/**
 * Whether a suggestion has been taken in, though nothing was said of it: the node was cut off between the two. What was made of the value
 * since is not undone by saying it now. The same person may suggest the same value twice: what took one in has not taken in the other.
 */
export const wasTakenIn = (
  { statement }: Pick<StoredRequest, 'statement'>,
  history: readonly Pick<HistoryEntry, 'suggestion'>[],
): boolean => history.some(({ suggestion }) => suggestion === statement)

/** Compares a suggestion with an own record. @param composition what may go to who suggests it, now */
export function compareSuggestion(
  { id, fields }: DataRecord,
  { field, base, value }: ChangeBody,
  composition: Composition,
  fragmentKey: Uint8Array,
  hash: Hash,
): ChangeSuggestion {
  const present = fields[field]?.value ?? null
  const suggested = { record: id, field, present, suggested: value }
  if (base === null) return { ...suggested, base: 'unseen' }
  const salt = saltOf(recordKeyOf(fragmentKey, id), field, present, hash)
  // They may hold a band of it: then it is compared with the band that would go now.
  const sent = composition.fragment?.disclosures.find(([, name]) => name === field)
  const known = [
    digestDisclosure([salt, field, present], hash),
    ...(sent === undefined ? [] : [digestDisclosure(sent, hash)]),
  ]
  return { ...suggested, base: known.includes(base) ? 'same' : 'changed' }
}
