import { z } from 'zod'
import { Kind, MAX_TOPIC } from './kinds/index.ts'

/** What of one dataset a nation asks for: records of one kind, on one topic, or both; with neither, all of it. */
export const Selector = z.strictObject({
  kind: Kind.optional(),
  topic: z.string().min(1).max(MAX_TOPIC).optional(),
})
export type Selector = z.infer<typeof Selector>

/** What a nation asks for of one dataset, none within another. Empty: nothing of it. */
export type Selection = readonly Selector[]

/** What a subscription statement says of one dataset. */
export interface Asked extends Selector {
  readonly action: 'subscribe' | 'unsubscribe'
  /** Instead of all that was asked of the dataset before. */
  readonly only?: true | undefined
}

/** Whether the wider has all that the narrower asks for. */
export const contains = (wider: Selector, narrower: Selector): boolean =>
  (wider.kind === undefined || wider.kind === narrower.kind) &&
  (wider.topic === undefined || wider.topic === narrower.topic)

/**
 * What is asked for after one more word. The wider takes the place of what it contains; to ask for what is contained already changes
 * nothing, and to ask no longer for a part of something wider does not either: the wider still contains it. Of more than 64 parts
 * it is all.
 */
export function applyAsked(selection: Selection, { action, only, ...asked }: Asked): Selection {
  const selector = selectorOf(asked)
  if (action === 'unsubscribe') return selection.filter((each) => !contains(selector, each))
  if (only === true) return [selector]
  if (selection.some((each) => contains(each, selector))) return selection
  const next = [...selection.filter((each) => !contains(selector, each)), selector]
  return next.length > MOST_SELECTORS ? [{}] : next
}

/** Whoever asks for more parts than these asks for all: each part is looked at for each record. */
const MOST_SELECTORS = 64

/** A record is selected by what its recipient may know of it: its kind, and those topics that are released. */
export const selects = (selection: Selection, kind: Kind, topics: readonly string[]): boolean =>
  selection.some(
    (each) =>
      (each.kind === undefined || each.kind === kind) &&
      (each.topic === undefined || topics.includes(each.topic)),
  )

/** In words: `capability on ammunition`; the empty text: all of it. */
export const formatSelector = ({ kind, topic }: Selector): string =>
  [kind, ...(topic === undefined ? [] : [`on ${topic}`])].filter(Boolean).join(' ')

const selectorOf = ({ kind, topic }: Selector): Selector => ({
  ...(kind !== undefined && { kind }),
  ...(topic !== undefined && { topic }),
})
